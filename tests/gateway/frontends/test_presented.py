"""Whose page sent a request, and whether it may use the session the browser added to it."""

import pytest

from gateway.frontends.presented import Presented
from gateway.frontends.problems import CsrfTokenRefused, ForeignOrigin

ISSUER = "https://tamaire.example.jp"
PORTAL = "https://portal.example.jp"
ORIGINS = frozenset({PORTAL})
NAME = "__Host-tamaire-session"


def presented(method: str = "POST", **fields: str) -> Presented:
    headers = [(name.replace("_", "-").encode(), value.encode()) for name, value in fields.items()]
    return Presented.of(method, headers, cookie_name=NAME)


class TestCookie:
    def test_is_found_among_others(self) -> None:
        assert presented(cookie=f"a=1; {NAME}=012084.x; b=2").cookie == "012084.x"

    @pytest.mark.parametrize(
        "cookie",
        [
            "",
            "a=1",
            "tamaire-session=x",
            "__host-tamaire-session=x",
            f"x{NAME}=x",
            f"{NAME}=planted; {NAME}=real",
        ],
        ids=["none", "another", "without its prefix", "in another case", "a longer name", "tossed"],
    )
    def test_is_none_when_it_is_not_certain(self, cookie: str) -> None:
        assert presented(cookie=cookie).cookie is None

    def test_is_none_when_two_lines_bring_one_each(self) -> None:
        headers = [(b"cookie", f"{NAME}=a".encode()), (b"cookie", f"{NAME}=b".encode())]
        assert Presented.of("GET", headers, cookie_name=NAME).cookie is None


class TestPage:
    @pytest.mark.parametrize(
        ("method", "fields"),
        [
            ("POST", {"origin": PORTAL, "sec_fetch_site": "same-site"}),
            ("POST", {"origin": ISSUER, "sec_fetch_site": "same-origin"}),
            ("POST", {"origin": PORTAL}),
            ("DELETE", {"sec_fetch_site": "same-origin"}),
            ("GET", {}),
            ("GET", {"sec_fetch_site": "none"}),
            ("GET", {"sec_fetch_site": "same-site"}),
            ("GET", {"origin": PORTAL, "sec_fetch_site": "same-site"}),
        ],
    )
    def test_of_the_front_end_may_use_it(self, method: str, fields: dict[str, str]) -> None:
        presented(method, **fields).require_page_of(ORIGINS, issuer=ISSUER)

    @pytest.mark.parametrize(
        ("method", "fields"),
        [
            ("POST", {"origin": "https://evil.example"}),
            ("GET", {"origin": "https://evil.example"}),
            ("POST", {"origin": "null"}),
            ("POST", {"origin": f"{PORTAL}.evil.example"}),
            ("POST", {"origin": PORTAL.upper()}),
            ("POST", {"origin": f"{PORTAL}:443"}),
            ("POST", {"origin": PORTAL.replace("https", "http")}),
            ("POST", {}),
            ("POST", {"sec_fetch_site": "same-site"}),
            ("POST", {"origin": PORTAL, "sec_fetch_site": "cross-site"}),
            ("GET", {"sec_fetch_site": "cross-site"}),
            ("GET", {"sec_fetch_site": "nonsense"}),
        ],
    )
    def test_of_another_may_not(self, method: str, fields: dict[str, str]) -> None:
        with pytest.raises(ForeignOrigin):
            presented(method, **fields).require_page_of(ORIGINS, issuer=ISSUER)

    def test_with_two_origins_is_nobodys(self) -> None:
        headers = [(b"origin", PORTAL.encode()), (b"origin", b"https://evil.example")]
        with pytest.raises(ForeignOrigin):
            Presented.of("GET", headers, cookie_name=NAME).require_page_of(ORIGINS, issuer=ISSUER)


class TestToken:
    @pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
    def test_is_not_asked_of_what_has_no_effect(self, method: str) -> None:
        presented(method).require_token("right")

    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
    def test_is_asked_of_everything_else(self, method: str) -> None:
        presented(method, tamaire_csrf="right").require_token("right")
        with pytest.raises(CsrfTokenRefused):
            presented(method).require_token("right")

    @pytest.mark.parametrize("token", ["", "wrong", "righ", "right ", "RIGHT"])
    def test_must_be_the_sessions_own(self, token: str) -> None:
        with pytest.raises(CsrfTokenRefused):
            presented(tamaire_csrf=token).require_token("right")

    def test_is_shown_by_no_repr(self) -> None:
        shown = repr(presented(tamaire_csrf="right", cookie=f"{NAME}=secret"))
        assert "right" not in shown
        assert "secret" not in shown
