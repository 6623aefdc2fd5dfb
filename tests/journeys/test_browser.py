"""A real browser: a resident without scripts, from card to sign-out, and an engineer at `/docs`."""

import asyncio
import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

import asyncpg
import httpx
import pytest
from typing_extensions import override

from operations.postgres import Cluster
from tests.support.browser import Browser
from tests.support.forgery import claims_of

from .running_house import RunningHouse, eventually

pytestmark = pytest.mark.journey

APPLICATION = "photo-album"
SCOPES = ["openid", "platform:read", "platform:self", "registry:read", "window-dx:read"]


class FrontEnd(ThreadingHTTPServer):
    """Where the application's pages come from, and where it hears of ended sign-ins."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Page)
        self.heard: list[str] = []

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(b'<!doctype html><link rel="icon" href="data:,"><title>album</title>')

    def do_POST(self) -> None:
        assert isinstance(self.server, FrontEnd)
        form = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.heard += parse_qs(form)["logout_token"]
        self.send_response(204)
        self.end_headers()

    @override
    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def serving() -> Generator[FrontEnd]:
    front_end = FrontEnd()
    threading.Thread(target=front_end.serve_forever, daemon=True).start()
    try:
        yield front_end
    finally:
        front_end.shutdown()
        front_end.server_close()


async def register(house: RunningHouse, origin: str) -> None:
    """Register the application, as its vendor and the municipality would together."""
    cluster = Cluster.create(house.data / "postgres", passwords=house.data / "passwords")
    connection = await asyncpg.connect(cluster.dsn("platform_owner"))
    try:
        await connection.execute(
            "INSERT INTO platform.clients (client_id, name, kinds, scopes, sector, profile, jwks,"
            " origins, post_logout_redirect_uris, backchannel_logout_uri)"
            " VALUES ($1, '写真アルバム', '{resident}', $2, 'album', 'third_party',"
            " '{\"keys\": []}', $3, $4, $5)",
            APPLICATION,
            SCOPES,
            [origin],
            [f"{origin}/bye"],
            f"{origin}/logged-out",
        )
        await connection.execute(
            "INSERT INTO platform.client_grants (tenant_id, client_id, scopes)"
            " SELECT tenant_id, $1, $2 FROM platform.tenant_codes"
            " WHERE municipality_code = '012084'",
            APPLICATION,
            SCOPES,
        )
    finally:
        await connection.close()


class TestBrowser:
    def test_goes_from_the_card_to_the_front_end_and_out_again(
        self, running_house: RunningHouse, tmp_path: Path
    ) -> None:
        # One test, in its order: each step stands where the one before it left the browser.
        gateway = f"http://127.0.0.1:{running_house.port}"
        with serving() as front_end:
            asyncio.run(register(running_house, front_end.origin))
            browser = Browser(tmp_path / "profile", width=320)
            try:
                _comes_to_the_question(browser, gateway, front_end)
                _reads_and_answers_it_by_keyboard_without_scripts(browser, front_end)
                _works_with_a_cookie_no_script_can_read(browser, gateway)
                _is_no_use_to_another_site(browser, gateway, front_end)
                _signs_out(browser, gateway, front_end)
            finally:
                browser.close()
            eventually(lambda: bool(front_end.heard), within_s=10)
            (token,) = front_end.heard
            assert claims_of(token)["aud"] == APPLICATION


class TestDocumentation:
    def test_shows_every_operation_and_finds_them_under_its_strict_policy(
        self, running_house: RunningHouse, tmp_path: Path
    ) -> None:
        gateway = f"http://127.0.0.1:{running_house.port}"
        browser = Browser(tmp_path / "profile", width=1280)
        try:
            # The whole is described once every service has been asked what it does.
            described = f"{gateway}/openapi.json"
            eventually(lambda: httpx.get(described).status_code == 200, within_s=30)
            browser.go(f"{gateway}/docs")
            assert "default-src 'none'" in _fetched(
                browser, f"{gateway}/docs", "r => r.headers.get('content-security-policy')"
            )
            _shows_every_section(browser, gateway)
            _finds_by_name(browser)
        finally:
            browser.close()
        assert browser.complaints == []
        fetched = [one for one in browser.asked_for if not one.startswith(("data:", "about:"))]
        assert fetched
        assert [one for one in fetched if not one.startswith(f"{gateway}/")] == []


def _shows_every_section(browser: Browser, gateway: str) -> None:
    described = json.loads(_fetched(browser, f"{gateway}/openapi.json", "r => r.text()"))
    paths: dict[str, dict[str, dict[str, Any]]] = described["paths"]
    named = [tag for path in paths.values() for one in path.values() for tag in one["tags"]]
    sections = "[...document.querySelectorAll('.opblock-tag')]"
    assert set(browser.see(f"{sections}.map(one => one.dataset.tag)")) == set(named)
    for tag in ("benefits: applications", "window-dx: windows"):
        section = f"document.querySelector('.opblock-tag[data-tag=\"{tag}\"]')"
        browser.see(f"{section}.click()")
        shown = f"{section}.closest('.opblock-tag-section').querySelectorAll('.opblock').length"
        eventually(partial(_is_so, browser, f"{shown} === {named.count(tag)}"), within_s=20)


def _is_so(browser: Browser, expression: str) -> bool:
    return browser.see(expression) is True


def _finds_by_name(browser: Browser) -> None:
    browser.see("document.querySelector('.operation-filter-input').focus()")
    browser.call("Input.insertText", text="receptions")
    found = "[...document.querySelectorAll('.opblock-tag')].map(one => one.dataset.tag)"
    eventually(lambda: browser.see(found) == ["window-dx: receptions"], within_s=20)


def _comes_to_the_question(browser: Browser, gateway: str, front_end: FrontEnd) -> None:
    asked = {
        "client_id": APPLICATION,
        "return_to": f"{front_end.origin}/home",
        "municipality_code": "012084",
    }
    browser.go(f"{gateway}/session/sign-in?{urlencode(asked)}")
    browser.see(
        "(() => { const form = document.forms[0];"
        " form.elements.card_id.value = 'kitami-hanako'; form.elements.pin.value = '1234';"
        " form.submit(); })()"
    )
    browser.rest()
    assert browser.see("document.title") == "情報の利用の許可"
    assert "写真アルバム" in browser.see("document.body.innerText")


def _reads_and_answers_it_by_keyboard_without_scripts(
    browser: Browser, front_end: FrontEnd
) -> None:
    assert browser.see("document.documentElement.scrollWidth <= innerWidth")
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    browser.go(browser.see("location.href"))
    stops: list[str] = []
    for _ in range(8):
        browser.press("Tab")
        stops.append(browser.see("document.activeElement.id || document.activeElement.value"))
    assert stops[1:] == [*(f"choice-{at}" for at in range(4)), "chosen", "all", "refuse"]
    _press_button(browser, "chosen")
    assert browser.see("document.title") == "エラー：情報の利用の許可"
    assert browser.see("document.activeElement.id") == "error"
    ticked = "document.querySelector('input[value=\"platform:self\"]')"
    browser.see(f"{ticked}.focus()")
    browser.press(" ")
    assert browser.see(f"{ticked}.checked")
    _press_button(browser, "chosen")
    assert browser.see("location.href") == f"{front_end.origin}/home"
    browser.call("Emulation.setScriptExecutionDisabled", value=False)
    assert not [one for one in browser.complaints if "Content Security Policy" in one]


def _works_with_a_cookie_no_script_can_read(browser: Browser, gateway: str) -> None:
    browser.go(browser.see("location.href"))
    assert browser.see("document.cookie") == ""
    session = json.loads(_fetched(browser, f"{gateway}/session", "r => r.text()"))
    assert session["scopes"] == ["openid", "platform:self"]
    own = f"{gateway}/platform/v1/sessions"
    assert _fetched(browser, own) == 200
    assert _fetched(browser, f"{gateway}/registry/v1/me") == 403, "that was not agreed to"
    gone = f"{own}?keep=current"
    assert _fetched(browser, gone, method="DELETE") == 403
    token = {"Tamaire-CSRF": session["csrf_token"]}
    assert _fetched(browser, gone, method="DELETE", headers=token) == 200


def _is_no_use_to_another_site(browser: Browser, gateway: str, front_end: FrontEnd) -> None:
    browser.go(gateway.replace("127.0.0.1", "localhost") + "/livez")
    assert _fetched(browser, f"{gateway}/session") == "refused"
    _fetched(browser, f"{gateway}/session/sign-out", method="POST", mode="no-cors")
    browser.go(f"{front_end.origin}/home")
    assert _fetched(browser, f"{gateway}/session") == 200


def _signs_out(browser: Browser, gateway: str, front_end: FrontEnd) -> None:
    asked = {"client_id": APPLICATION, "post_logout_redirect_uri": f"{front_end.origin}/bye"}
    browser.go(f"{gateway}/oauth/logout?{urlencode(asked)}")
    assert browser.see("document.title") == "サインアウトしますか"
    _press_button(browser, "here")
    assert browser.see("location.href") == f"{front_end.origin}/bye"
    assert _fetched(browser, f"{gateway}/session") == 401


def _press_button(browser: Browser, value: str) -> None:
    browser.see(f"document.querySelector('button[value={value}]').focus()")
    browser.press("Enter")
    browser.rest()


def _fetched(browser: Browser, address: str, reading: str = "r => r.status", **options: Any) -> Any:
    """Fetch as a script of the page would, with the browser's cookies."""
    how = json.dumps({"credentials": "include", **options})
    return browser.see(f"fetch('{address}', {how}).then({reading}).catch(() => 'refused')")
