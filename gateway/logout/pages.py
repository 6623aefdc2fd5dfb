"""What a person sees when they sign out and no application can be asked in their place."""

from html import escape
from typing import Final
from urllib.parse import urlsplit

from gateway.pages import Language

WORDS: Final[dict[Language, dict[str, str]]] = {
    "ja": {
        "ask": "サインアウトしますか",
        "asks": "このブラウザーで、{place}のサービスにサインインしています。",
        "here": "サインアウトする",
        "everywhere": "すべてのアプリからサインアウトする",
        "stay": "サインアウトしないときは、この画面を閉じてください。",
        "done": "サインアウトしました",
        "close": "この画面は閉じてかまいません。共用のパソコンでは、ブラウザーも閉じてください。",
        "nobody": "サインインしていません",
        "nothing": "このブラウザーに、ここでのサインインはありません。"
        "アプリのサインインは、そのアプリの画面で終了してください。",
        "back": "{host} に戻る",
    },
    "en": {
        "ask": "Do you want to sign out?",
        "asks": "This browser is signed in to services of {place}.",
        "here": "Sign out",
        "everywhere": "Sign out of all applications",
        "stay": "If you do not want to sign out, close this page.",
        "done": "You are signed out",
        "close": "You can close this page. On a shared computer, close the browser as well.",
        "nobody": "You are not signed in",
        "nothing": "This browser holds no sign-in here. "
        "To sign out of an application, use the application's own page.",
        "back": "Back to {host}",
    },
}


def question(language: Language, *, place: str, csrf: str, fields: dict[str, str]) -> str:
    """Return the main part of the page that asks; `fields` are sent along with the answer."""
    words = WORDS[language]
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in {**fields, "csrf_token": csrf}.items()
    )
    return (
        f"<h1>{words['ask']}</h1><p>{words['asks'].format(place=escape(place))}</p>"
        f'<form method="post" action="/oauth/logout">{hidden}<div class="buttons">'
        f'<button name="confirm" value="here">{words["here"]}</button>'
        f'<button name="confirm" value="all">{words["everywhere"]}</button>'
        f"</div></form><p>{words['stay']}</p>"
    )


def told(language: Language, title: str, text: str, *, back: str | None) -> str:
    """Return the main part of a page that tells how it stands, with the way back if any."""
    words = WORDS[language]
    link = ""
    if back is not None:
        shown = words["back"].format(host=urlsplit(back).netloc)
        link = f'<p><a href="{escape(back)}" rel="noreferrer">{escape(shown)}</a></p>'
    return f"<h1>{words[title]}</h1><p>{words[text]}</p>{link}"
