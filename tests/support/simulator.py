"""What a person does in the browser at the identity simulator, done headlessly over HTTP.

The helpers know nothing but the pages: they open the address the gateway redirects to, find the
form, fill it in and return the callback address the simulator sends the browser to. Whoever wants
the whole journey then opens that address as the browser would.
"""

from collections.abc import Mapping
from html.parser import HTMLParser
from http import HTTPStatus
from urllib.parse import urljoin

import httpx
from typing_extensions import override


class SignInRefused(Exception):
    """The simulator showed a page instead of going on; `str()` is its message to the person."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


async def present_card(
    browser: httpx.AsyncClient, authorization_url: str, *, card_id: str, pin: str
) -> str:
    """A resident presents a card; gives the callback address with `code`, or with `error`."""
    return await _sign_in(
        browser, authorization_url, step="/present-card", fields={"card_id": card_id, "pin": pin}
    )


async def sign_document(
    browser: httpx.AsyncClient, authorization_url: str, *, card_id: str, sign_pin: str
) -> str:
    """A resident signs a document with the card; gives the callback address."""
    return await _sign_in(
        browser,
        authorization_url,
        step="/sign-document",
        fields={"card_id": card_id, "sign_pin": sign_pin},
    )


async def sign_in_official(
    browser: httpx.AsyncClient, authorization_url: str, *, username: str, password: str
) -> str:
    """An official signs in at the office's provider; gives the callback address."""
    return await _sign_in(
        browser,
        authorization_url,
        step="/sign-in",
        fields={"username": username, "password": password},
    )


async def give_up(browser: httpx.AsyncClient, authorization_url: str) -> str:
    """The person does not go on; gives the callback address with `error=access_denied`."""
    return await _sign_in(browser, authorization_url, step="/cancel", fields={})


async def _sign_in(
    browser: httpx.AsyncClient, authorization_url: str, *, step: str, fields: Mapping[str, str]
) -> str:
    """Raises SignInRefused when the person is shown a refusal at either step."""
    page = await browser.get(authorization_url, follow_redirects=False)
    if page.status_code == HTTPStatus.SEE_OTHER:
        return page.headers["location"]
    if page.status_code != HTTPStatus.OK:
        raise SignInRefused(page.status_code, read_page(page.text).message)
    form = read_page(page.text).form(step)
    answer = await browser.post(
        urljoin(authorization_url, form.action),
        data={**form.hidden, **fields},
        follow_redirects=False,
    )
    if answer.status_code != HTTPStatus.SEE_OTHER:
        raise SignInRefused(answer.status_code, read_page(answer.text).message)
    return answer.headers["location"]


class Form:
    """One form of a page: where it goes and the hidden fields that go with it."""

    def __init__(self, action: str) -> None:
        self.action = action
        self.hidden: dict[str, str] = {}


class Page(HTMLParser):
    """The parts of a simulator's page that matter to a person: its forms and its alert."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.message = ""
        self._in_alert = False

    def form(self, step: str) -> Form:
        """Raises LookupError when the page does not offer this step."""
        for form in self.forms:
            if form.action.endswith(step):
                return form
        raise LookupError(f"the page has no form for {step}")

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "form":
            self.forms.append(Form(attributes.get("action") or ""))
        if tag == "input" and attributes.get("type") == "hidden" and self.forms:
            self.forms[-1].hidden[attributes.get("name") or ""] = attributes.get("value") or ""
        self._in_alert = self._in_alert or attributes.get("role") == "alert"

    @override
    def handle_data(self, data: str) -> None:
        if self._in_alert:
            self.message += data

    @override
    def handle_endtag(self, tag: str) -> None:
        self._in_alert = False


def read_page(html: str) -> Page:
    """Parse one page of the simulator."""
    page = Page()
    page.feed(html)
    page.close()
    return page
