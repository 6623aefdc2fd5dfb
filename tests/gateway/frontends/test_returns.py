"""That a browser is sent back to pages of its own front end, and to no address that looks so."""

import pytest

from gateway.frontends.problems import ReturnNotRegistered
from gateway.frontends.returns import checked

ORIGINS = frozenset({"https://portal.example.jp", "http://localhost:5173"})


class TestChecked:
    @pytest.mark.parametrize(
        "address",
        [
            "https://portal.example.jp",
            "https://portal.example.jp/",
            "https://portal.example.jp/a/b?c=d&e=%E5%8C%97#f",
            "http://localhost:5173/callback",
        ],
    )
    def test_takes_a_page_of_the_front_end(self, address: str) -> None:
        assert checked(address, ORIGINS) == address

    @pytest.mark.parametrize(
        "address",
        [
            None,
            "",
            "/home",
            "//evil.example/home",
            "https:/portal.example.jp/",
            "https:portal.example.jp/",
            "https://evil.example/",
            "https://portal.example.jp.evil.example/",
            "https://portal.example.jp@evil.example/",
            "https://evil.example@portal.example.jp/",
            "https://portal.example.jp:443/",
            "https://portal.example.jp:8443/",
            "http://portal.example.jp/",
            "HTTPS://portal.example.jp/",
            "https://PORTAL.example.jp/",
            "https://portal.example.jp\\@evil.example/",
            "https://portal.example.jp/\\evil.example",
            "https://portal.example.jp/\r\nSet-Cookie: a=b",
            "https://portal.example.jp/ home",
            " https://portal.example.jp/",
            "https://portal.example.jp/北見",
            "https://portal。example.jp/",
            "javascript:alert(1)",
            "data:text/html,hi",
            "https://portal.example.jp/" + "a" * 2_000,
            "https://",
        ],
    )
    def test_takes_no_other_address(self, address: str | None) -> None:
        with pytest.raises(ReturnNotRegistered):
            checked(address, ORIGINS)
