"""What every page of the gateway's own says to the browser, whatever is on it."""

import re

import pytest

from gateway.pages import notice, page, source_of


def policy(*leads_to: str) -> dict[str, str]:
    """Return the directives of a page that leads there."""
    answer = page("題", "<h1>題</h1>", language="ja", leads_to=leads_to)
    told = answer.headers["content-security-policy"].split("; ")
    return dict(directive.split(" ", 1) for directive in told)


class TestPolicy:
    def test_lets_nothing_in_but_the_style(self) -> None:
        told = policy()
        assert told["default-src"] == "'none'"
        assert told["style-src"] == "'self'"
        assert told["base-uri"] == "'none'"
        assert told["frame-ancestors"] == "'none'"
        assert "script-src" not in told

    def test_lets_a_form_lead_to_this_house_alone_unless_it_leads_on(self) -> None:
        assert policy()["form-action"] == "'self'"
        assert policy("https://a.example/cb")["form-action"] == "'self' https:"
        assert policy("http://127.0.0.1:5173/cb")["form-action"] == "'self' http://127.0.0.1:5173"
        assert policy("jp.example.app:/cb")["form-action"] == "'self' jp.example.app:"

    @pytest.mark.parametrize(
        "address",
        ["", "//a.example", "http://a.example;script-src *", "http://a b", "http://a,b", "x y:z"],
    )
    def test_cannot_be_written_by_an_address(self, address: str) -> None:
        assert source_of(address) == ""
        assert set(policy(address)) == set(policy())


class TestPage:
    def test_says_its_language_and_title(self) -> None:
        shown = bytes(page("<題>", "<h1>x</h1>", language="en").body).decode()
        assert '<html lang="en">' in shown
        assert "<title>&lt;題&gt;</title>" in shown
        assert 'name="viewport" content="width=device-width, initial-scale=1"' in shown

    def test_may_be_kept_by_nobody_and_framed_by_nobody(self) -> None:
        told = page("題", "", language="ja").headers
        assert told["cache-control"] == "no-store"
        assert told["x-frame-options"] == "DENY"
        assert told["referrer-policy"] == "same-origin"

    def test_lets_no_word_of_a_notice_become_markup(self) -> None:
        shown = bytes(notice("<b>", "<script>", language="ja").body).decode()
        assert re.search(r"<b>|<script", shown) is None
