"""The page on which an official says which of the town's directories they sign in with.

It is shown only while a municipality changes from one directory to another and both are in use.
"""

from collections.abc import Sequence
from html import escape
from urllib.parse import urlencode

from gateway.handles import Handle
from gateway.officials.providers.domain import IdentityProvider
from gateway.pages import Language

_WORDS: dict[Language, tuple[str, str, str]] = {
    "ja": (
        "サインイン先の選択",
        "どの認証基盤でサインインしますか",
        "認証基盤の切替え期間中です。案内がなければ、いつも使っているほうを選んでください。",
    ),
    "en": (
        "Choose where to sign in",
        "With which directory do you sign in?",
        "Your town hall is changing its directory. Unless you were told, choose the usual one.",
    ),
}


def title_of(language: Language) -> str:
    """Return the page's name."""
    return _WORDS[language][0]


def content_of(offered: Sequence[IdentityProvider], state: Handle, language: Language) -> str:
    """Return the page's main part: one link for each provider in use."""
    _, heading, hint = _WORDS[language]
    links = "".join(
        f'<li><a href="/oauth/continue?{escape(_query(state, one))}">{escape(one.name)}</a></li>'
        for one in offered
    )
    return f"<h1>{heading}</h1><p>{hint}</p><ul>{links}</ul>"


def _query(state: Handle, one: IdentityProvider) -> str:
    return urlencode({"state": state.text, "identity_provider": str(one.id)})
