"""The few pages a person sees: plain Japanese, one task each, and no script at all."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from starlette.responses import HTMLResponse, Response

from .register import CardRecord, Condition

_STYLE = (Path(__file__).parent / "page.css").read_text("utf-8")

_CONDITIONS: Mapping[Condition, str] = {
    Condition.EXPIRED: "有効期限切れ",
    Condition.REVOKED: "失効",
    Condition.LOCKED: "暗証番号ロック",
    Condition.WRONG_POLICY: "用途違いの証明書",
    Condition.WRONG_ROOT: "偽の認証局",
    Condition.WEAK_KEY: "弱い鍵",
    Condition.WRONG_KEY: "鍵の不一致",
    Condition.MOVED: "住所変更により署名用証明書が失効",
    Condition.SIGN_LOCKED: "署名用暗証番号ロック",
    Condition.WARD: "成年被後見人（署名用証明書なし）",
}

_LOOPBACK = "http://localhost:* http://127.0.0.1:* http://*.localhost:*"
"""Where the gateway may send the browser on to after its callback, on a developer's machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """Where a page's form goes, which sign-in it belongs to, and whose callback follows."""

    action: str
    cancel: str
    transaction: str
    client_id: str
    callback: str


def card_page(
    form: Form, cards: Iterable[CardRecord], *, chosen: str = "", fault: str = ""
) -> Response:
    """Choose a card and give its PIN."""
    body = f"""
<p>「{escape(form.client_id)}」が、あなたの本人確認を求めています。</p>
{_alert(fault)}
<form method="post" action="{escape(form.action)}">
{_hidden(form)}
<fieldset>
<legend>カード</legend>
{_cards(form, cards, chosen)}
</fieldset>
<label class="field" for="pin">利用者証明用電子証明書の暗証番号</label>
<p class="hint" id="pin-hint">数字4桁です。3回続けて間違えるとロックされます。</p>
<input class="text pin" id="pin" name="pin" type="password" inputmode="numeric" pattern="[0-9]{{4}}"
 maxlength="4" required autocomplete="off" aria-describedby="pin-hint"{_invalid(fault)}>
<button class="primary" type="submit">カードを読み取る</button>
</form>
{_cancel(form)}"""
    status = HTTPStatus.UNPROCESSABLE_ENTITY if fault else HTTPStatus.OK
    return _page("マイナンバーカードで本人確認", body, status, callback=form.callback)


def signing_page(
    form: Form,
    cards: Iterable[CardRecord],
    *,
    digest: str,
    chosen: str = "",
    fault: str = "",
) -> Response:
    """Sign a document: which one is shown by its digest, the provider has seen no more of it."""
    body = f"""
<p>「{escape(form.client_id)}」が、文書への電子署名を求めています。</p>
<p>文書のハッシュ値（SHA-256）<br><code>{escape(digest)}</code></p>
{_alert(fault)}
<form method="post" action="{escape(form.action)}">
{_hidden(form)}
<fieldset>
<legend>カード</legend>
{_cards(form, cards, chosen)}
</fieldset>
<label class="field" for="sign_pin">署名用電子証明書の暗証番号</label>
<p class="hint" id="pin-hint">6文字から16文字の英数字です。5回続けて間違えるとロックされます。</p>
<input class="text pin" id="sign_pin" name="sign_pin" type="password" minlength="6"
 maxlength="16" required autocomplete="off" aria-describedby="pin-hint"{_invalid(fault)}>
<button class="primary" type="submit">カードで署名する</button>
</form>
{_cancel(form)}"""
    status = HTTPStatus.UNPROCESSABLE_ENTITY if fault else HTTPStatus.OK
    return _page("マイナンバーカードで電子署名", body, status, callback=form.callback)


def password_page(form: Form, *, code: str, username: str = "", fault: str = "") -> Response:
    """An official signs in at the municipality's own provider."""
    body = f"""
<p>団体コード {escape(code)} の職員認証です。「{escape(form.client_id)}」へ進みます。</p>
{_alert(fault)}
<form method="post" action="{escape(form.action)}">
{_hidden(form)}
<label class="field" for="username">利用者名</label>
<input class="text" id="username" name="username" required maxlength="64"
 autocomplete="username" autocapitalize="none" spellcheck="false"
 value="{escape(username)}"{_invalid(fault)}>
<label class="field" for="password">パスワード</label>
<input class="text" id="password" name="password" type="password" required maxlength="256"
 autocomplete="current-password"{_invalid(fault)}>
<button class="primary" type="submit">サインイン</button>
</form>
{_cancel(form)}"""
    status = HTTPStatus.UNPROCESSABLE_ENTITY if fault else HTTPStatus.OK
    return _page("職員サインイン", body, status, callback=form.callback)


def account_page(form: Form, *, fault: str = "") -> Response:
    """Somebody signs in for a business."""
    body = f"""
<p>事業者の共通認証です。「{escape(form.client_id)}」へ進みます。</p>
{_alert(fault)}
<form method="post" action="{escape(form.action)}">
{_hidden(form)}
<label class="field" for="username">アカウントID</label>
<input class="text" id="username" name="username" required maxlength="64"
 autocomplete="username" autocapitalize="none" spellcheck="false"{_invalid(fault)}>
<label class="field" for="password">パスワード</label>
<input class="text" id="password" name="password" type="password" required maxlength="256"
 autocomplete="current-password"{_invalid(fault)}>
<button class="primary" type="submit">サインイン</button>
</form>
{_cancel(form)}"""
    status = HTTPStatus.UNPROCESSABLE_ENTITY if fault else HTTPStatus.OK
    return _page("事業者サインイン", body, status, callback=form.callback)


def refusal_page(
    message: str, *, remedy: str, status: HTTPStatus, form: Form | None = None
) -> Response:
    """What went wrong, what to do, and the way back where there is one."""
    body = f"{_alert(message)}<h2>どうすればよいですか</h2><p>{escape(remedy)}</p>"
    if form is not None:
        body += _cancel(form)
    return _page("本人確認ができませんでした", body, status, callback=form.callback if form else "")


def stylesheet() -> Response:
    """The one style sheet of all pages."""
    return Response(_STYLE, media_type="text/css", headers={"Cache-Control": "max-age=300"})


def _page(title: str, body: str, status: HTTPStatus, *, callback: str) -> Response:
    content = f"""<!doctype html>
<html lang="ja">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}（開発用の模擬画面）</title>
<link rel="stylesheet" href="/page.css">
</head>
<body>
<p class="notice">開発用の模擬画面です。本物のカードや暗証番号は使わないでください。</p>
<main>
<h1>{escape(title)}</h1>
{body}
</main>
</body>
</html>
"""
    return HTMLResponse(content, status_code=status, headers=_headers(callback))


def _headers(callback: str) -> dict[str, str]:
    """Nothing but our own style sheet loads, nobody frames the page.

    A browser applies form-action to the redirects after a form as well (CSP 3 §6.4.1), so the
    callback's origin, and on a developer's machine where the gateway sends on to, are named.
    """
    parts = urlsplit(callback)
    onward = f" {parts.scheme}://{parts.netloc} {_LOOPBACK}" if callback else ""
    return {
        "Content-Security-Policy": (
            f"default-src 'none'; style-src 'self'; form-action 'self'{onward}; "
            "base-uri 'none'; frame-ancestors 'none'"
        ),
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


def _cards(form: Form, cards: Iterable[CardRecord], chosen: str) -> str:
    """Cards by municipality; the one the client's name points to is open and comes first."""
    groups: dict[str, list[CardRecord]] = {}
    for card in cards:
        groups.setdefault(card.municipality_code, []).append(card)
    order = sorted(groups, key=lambda code: (code not in form.client_id, code))
    return "\n".join(
        _group(code, groups[code], chosen, opened=number == 0) for number, code in enumerate(order)
    )


def _group(code: str, cards: Iterable[CardRecord], chosen: str, *, opened: bool) -> str:
    entries = [(_card(card, chosen), card.card_id == chosen) for card in cards]
    attribute = " open" if opened or any(mine for _, mine in entries) else ""
    return (
        f"<details{attribute}><summary>団体コード {escape(code)}（{len(entries)}枚）</summary>"
        f"{''.join(entry for entry, _ in entries)}</details>"
    )


def _card(card: CardRecord, chosen: str) -> str:
    checked = " checked" if card.card_id == chosen else ""
    condition = _CONDITIONS.get(card.condition)
    mark = f' <span class="condition">{condition}</span>' if condition else ""
    if card.carrier == "phone":
        mark += ' <span class="condition">スマートフォン</span>'
    kana = f"（{escape(card.kana)}）" if card.kana else ""
    return (
        f'<label class="card"><input type="radio" name="card_id" value="{escape(card.card_id)}"'
        f" required{checked}><span>{escape(card.name)}{kana}{mark}"
        f"<small>{card.birth_on:%Y年%-m月%-d日}生 {escape(card.address)}</small></span></label>"
    )


def _hidden(form: Form) -> str:
    return f'<input type="hidden" name="transaction" value="{escape(form.transaction)}">'


def _cancel(form: Form) -> str:
    return (
        f'<form method="post" action="{escape(form.cancel)}">{_hidden(form)}'
        '<button class="secondary" type="submit">やめて元のサービスに戻る</button></form>'
    )


def _alert(fault: str) -> str:
    return f'<p class="alert" role="alert" id="fault">{escape(fault)}</p>' if fault else ""


def _invalid(fault: str) -> str:
    return ' aria-invalid="true" aria-errormessage="fault"' if fault else ""
