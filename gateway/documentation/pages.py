"""Pages that explain a refusal to the person who met it, first in Japanese."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any


@dataclass(frozen=True, slots=True)
class Entry:
    """One type of refusal, as the service that gives it describes it."""

    type: str
    status: int
    title: str
    title_ja: str
    remedy: str
    remedy_ja: str

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Entry":
        """Read an entry of a catalogue.

        Raises:
            KeyError: a member is missing; every service's problems carry all of them.
        """
        return cls(
            type=str(document["type"]),
            status=int(document["status"]),
            title=str(document["title"]),
            title_ja=str(document["title_ja"]),
            remedy=str(document["remedy"]),
            remedy_ja=str(document["remedy_ja"]),
        )

    @property
    def document(self) -> dict[str, Any]:
        """The same as JSON members."""
        return {
            "type": self.type,
            "status": self.status,
            "title": self.title,
            "title_ja": self.title_ja,
            "remedy": self.remedy,
            "remedy_ja": self.remedy_ja,
        }


def entry_page(entry: Entry) -> str:
    """Return the page of one type of refusal."""
    return _document(
        entry.title_ja,
        f"<h1>{escape(entry.title_ja)}</h1>"
        f'<p lang="en">{escape(entry.title)}</p>'
        "<dl>"
        f"<dt>どうすればよいか</dt><dd>{escape(entry.remedy_ja)}</dd>"
        f'<dt lang="en">What to do</dt><dd lang="en">{escape(entry.remedy)}</dd>'
        f"<dt>HTTP</dt><dd>{entry.status}</dd>"
        f"<dt>type</dt><dd><code>{escape(entry.type)}</code></dd>"
        "</dl>"
        '<p><a href="/problems">一覧 / All problems</a></p>',
    )


def catalogue_page(entries: Iterable[Entry]) -> str:
    """Return the page that lists every type of refusal."""
    rows = "".join(
        f'<tr><td><a href="{escape(entry.type)}"><code>{escape(entry.type)}</code></a></td>'
        f"<td>{entry.status}</td><td>{escape(entry.title_ja)}<br>"
        f'<span lang="en">{escape(entry.title)}</span></td></tr>'
        for entry in entries
    )
    return _document(
        "お断りの一覧",
        "<h1>お断りの一覧 / Problems</h1>"
        "<p>このサービスが要求を断るときの理由と、次にできることの一覧です。</p>"
        "<table><thead><tr><th>type</th><th>HTTP</th><th>内容</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>",
    )


def _document(title: str, content: str) -> str:
    return (
        '<!doctype html><html lang="ja"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title>"
        '<link rel="icon" href="data:,"><link rel="stylesheet" href="/docs/house.css">'
        f"</head><body>{content}</body></html>"
    )
