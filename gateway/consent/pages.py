"""The question as somebody reads it: who asks, for which town, for what, and how to say no."""

from html import escape
from typing import Final
from urllib.parse import urlencode, urlsplit

from gateway.pages import Language

from .answering import Asked
from .sentences import IDENTITY, SENTENCES, askable, in_order

_WORDS: Final[dict[Language, dict[str, str]]] = {
    "ja": {
        "title": "情報の利用の許可",
        "heading": "「{app}」に許可しますか",
        "place": "{place}のサインイン",
        "who": "たずねているアプリ",
        "provider": "提供しているところ",
        "declared": "アプリが名乗っている名前です",
        "town": "自治体",
        "back": "答えたあとに戻るところ",
        "intro": "このアプリは、次のことをしたいと言っています。"
        "よいと思うものだけ、えらんで許可できます。",
        "always": "かならず伝わること",
        "legend": "許可すること",
        "sensitive": "大切な情報",
        "chosen": "えらんだものだけ許可する",
        "all": "すべて許可する",
        "refuse": "許可しない",
        "error": "まだ一つもえらばれていません。許可しないときは「許可しない」を押してください。",
        "error_title": "エラー：",
        "doubt": "わからないときは「許可しない」を押してください。"
        "あとから許可することもできますし、{place}の窓口でも手続きできます。",
        "later": "許可は 1 年間つづきます。いつでも取り消せます。"
        "取り消すと、このアプリはすぐに使えなくなります。",
        "never": "この画面で暗証番号やパスワードをたずねることはありません。",
    },
    "en": {
        "title": "Allow the use of your information",
        "heading": "Do you allow “{app}” to do this?",
        "place": "Sign-in of {place}",
        "who": "Application that asks",
        "provider": "Provided by",
        "declared": "This is the name the application goes by",
        "town": "Municipality",
        "back": "Where you go afterwards",
        "intro": "This application would like to do the following. "
        "You can allow only what you are happy with.",
        "always": "Always passed on",
        "legend": "What you allow",
        "sensitive": "Sensitive",
        "chosen": "Allow only what I chose",
        "all": "Allow everything",
        "refuse": "Do not allow",
        "error": "Nothing is chosen yet. If you do not want to allow anything, "
        "press “Do not allow”.",
        "error_title": "Error: ",
        "doubt": "If you are not sure, press “Do not allow”. You can allow it later, "
        "and the counter of {place} can help you as well.",
        "later": "Your answer holds for one year. You can take it back at any time; "
        "the application then stops at once.",
        "never": "This page never asks for a PIN or a password.",
    },
}


def title_of(language: Language, *, has_error: bool) -> str:
    """Return the page's name, which says first if something is to be put right."""
    words = _WORDS[language]
    return (words["error_title"] if has_error else "") + words["title"]


def question_page(
    asked: Asked, request: str, *, provider: str, language: Language, has_error: bool = False
) -> str:
    """Return the main part of the page.

    Args:
        asked: the question.
        request: its name, for the form to send back.
        provider: who provides the application.
        language: to ask in.
        has_error: somebody agreed to nothing, and is told so.
    """
    words = _WORDS[language]
    app, place = escape(asked.client.name), escape(asked.place.name)
    wanted = in_order(askable(asked.question.scopes))
    optional = [scope for scope in wanted if scope != IDENTITY]
    return "".join(
        (
            _switch(request, language),
            f'<p class="place">{words["place"].format(place=place)}</p>',
            _error(words) if has_error else "",
            f"<h1>{words['heading'].format(app=app)}</h1>",
            _facts(asked, words, provider),
            f"<p>{words['intro']}</p>" if optional else "",
            _always(words, language) if IDENTITY in wanted else "",
            (
                '<form method="post" action="/oauth/consent">'
                f'<input type="hidden" name="request" value="{escape(request)}">'
                f'<input type="hidden" name="lang" value="{language}">'
            ),
            _choices(optional, words, language, has_error=has_error) if optional else "",
            _buttons(words, has_choice=len(optional) > 1),
            "</form>",
            (
                f"<p>{words['doubt'].format(place=place)}</p>"
                f'<p class="small">{words["later"]} {words["never"]}</p>'
            ),
        )
    )


def _switch(request: str, language: Language) -> str:
    other, name = ("en", "English") if language == "ja" else ("ja", "日本語")
    query = escape(urlencode({"request": request, "lang": other}))
    link = f'<a lang="{other}" hreflang="{other}" href="/oauth/consent?{query}">{name}</a>'
    return f'<p class="switch">{link}</p>'


def _error(words: dict[str, str]) -> str:
    return (
        '<div class="error" role="alert" tabindex="-1" id="error" autofocus>'
        f'<p><a href="#choice-0">{words["error"]}</a></p></div>'
    )


def _facts(asked: Asked, words: dict[str, str], provider: str) -> str:
    declared = f"<br><small>{words['declared']}</small>"
    rows = (
        (words["who"], asked.client.name, "" if provider else declared),
        (words["provider"], provider, declared),
        (words["town"], asked.place.name, ""),
        (words["back"], _leads_to(asked), ""),
    )
    return (
        "<dl>"
        + "".join(
            f"<dt>{name}</dt><dd>{escape(value)}{note}</dd>" for name, value, note in rows if value
        )
        + "</dl>"
    )


def _leads_to(asked: Asked) -> str:
    """Return where somebody goes afterwards: past our own callback, a front end's own pages."""
    parts = urlsplit(asked.question.redirect_uri)
    if parts.path == "/session/callback" and asked.client.origins:
        return ", ".join(urlsplit(origin).netloc for origin in sorted(asked.client.origins))
    return parts.netloc or f"{parts.scheme}:"


def _always(words: dict[str, str], language: Language) -> str:
    sentence = escape(SENTENCES[IDENTITY].in_language(language))
    return f"<h2>{words['always']}</h2><p>{sentence}</p>"


def _choices(
    optional: list[str], words: dict[str, str], language: Language, *, has_error: bool
) -> str:
    described = ' aria-describedby="choices-error"' if has_error else ""
    error = f'<p class="field-error" id="choices-error">{words["error"]}</p>' if has_error else ""
    boxes = "".join(_choice(at, scope, words, language) for at, scope in enumerate(optional))
    return f"<fieldset{described}><legend>{words['legend']}</legend>{error}{boxes}</fieldset>"


def _choice(at: int, scope: str, words: dict[str, str], language: Language) -> str:
    sentence = SENTENCES[scope]
    mark = f'<strong class="mark">{words["sensitive"]}</strong> ' if sentence.is_sensitive else ""
    return (
        f'<div class="choice"><input type="checkbox" id="choice-{at}" name="scope"'
        f' value="{escape(scope)}"><label for="choice-{at}">'
        f"{mark}{escape(sentence.in_language(language))}</label></div>"
    )


def _buttons(words: dict[str, str], *, has_choice: bool) -> str:
    chosen = _button("chosen", words["chosen"]) if has_choice else ""
    return (
        '<div class="buttons">'
        + chosen
        + _button("all", words["all"])
        + _button("refuse", words["refuse"])
        + "</div>"
    )


def _button(decision: str, text: str) -> str:
    return f'<button name="decision" value="{decision}">{text}</button>'
