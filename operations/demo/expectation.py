"""What is said when a step does not end as it must: which step, what was expected, what came."""

from html.parser import HTMLParser
from pathlib import Path
from typing import Any, cast

import httpx
from typing_extensions import override

from operations.failures import Failure


class Unexpected(Failure):
    """A step of the demonstration ended otherwise than the house promises."""

    def __init__(self, step: int, call: str, *, expected: str, found: str) -> None:
        super().__init__(
            f"手順 {step} ({call}) が期待と違います。期待: {expected}。実際: {found}。",
            f"Step {step} ({call}) is not as expected. Expected: {expected}. Found: {found}.",
            remedy_ja="`./tamaire status` と `./tamaire doctor` で状態を確かめ、"
            "もう一度 `./tamaire demo` を実行してください。",
            remedy="Look at `./tamaire status` and `./tamaire doctor`, "
            "then run `./tamaire demo` again.",
        )
        self.step = step

    @override
    def as_json(self) -> dict[str, Any]:
        return {**super().as_json(), "step": self.step}


class Unreachable(Failure):
    """Nobody answers at an address the demonstration needs."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(
            f"{url} から応答がありません({reason})。",
            f"{url} does not answer ({reason}).",
            remedy_ja="`./tamaire status` で状態を確かめ、止まっていれば `./tamaire up` で"
            "起動してください。",
            remedy="Look at `./tamaire status`; start what has stopped with `./tamaire up`.",
        )


class KeyMissing(Failure):
    """The private key a machine proves itself by is not in the data folder."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"事業者システムの秘密鍵 {path} を読めません。",
            f"The vendor's private key {path} cannot be read.",
            remedy_ja="`./tamaire up` をこのデータフォルダで実行すると作られます。",
            remedy="Run `./tamaire up` on this data folder; it makes the key.",
        )


def words_of(response: httpx.Response) -> str:
    """Return what an answer says of itself: a problem's sentences, an OAuth error, a page's alert.

    Never more than that: a body may hold personal data, and a failure is pasted into reports.
    """
    kind = response.headers.get("content-type", "")
    said = ""
    if "html" in kind:
        said = _Alert.of(response.text)
    elif "json" in kind:
        said = _words_in(response)
    return f"{response.status_code} {said}".rstrip(" 。")


def _words_in(response: httpx.Response) -> str:
    try:
        document = response.json()
    except ValueError:
        return ""
    if not isinstance(document, dict):
        return ""
    names = ("type", "title_ja", "detail_ja", "error", "error_description")
    found = cast("dict[str, Any]", document)
    words = [str(found[name]) for name in names if found.get(name)]
    faults = cast("list[dict[str, str]]", found.get("errors", []))
    words += [f"{fault.get('pointer')} {fault.get('detail_ja')}" for fault in faults]
    return " ".join(words)


class _Alert(HTMLParser):
    """The alert of a page, where the simulator says why it will not go on."""

    def __init__(self) -> None:
        super().__init__()
        self._words: list[str] = []
        self._depth = 0

    @classmethod
    def of(cls, html: str) -> str:
        reader = cls()
        reader.feed(html)
        reader.close()
        return "".join(reader._words).strip()

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._depth or dict(attrs).get("role") == "alert":
            self._depth += 1

    @override
    def handle_endtag(self, tag: str) -> None:
        self._depth = max(0, self._depth - 1)

    @override
    def handle_data(self, data: str) -> None:
        if self._depth:
            self._words.append(data)
