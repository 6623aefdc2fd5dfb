"""A browser without scripts: follows redirects, keeps cookies, and fills in the forms it meets."""

import asyncio
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx
from typing_extensions import override

_MOST_STEPS = 20
_CARD = {"card_id": "shiken-hanako", "pin": "1234"}


class _Forms(HTMLParser):
    """The forms of a page: method, action, what is filled in already, and its buttons."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str], list[tuple[str, str]]]] = []

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((given.get("action", ""), {}, []))
            return
        if not self.forms or not given.get("name"):
            return
        _, filled, buttons = self.forms[-1]
        if tag == "button":
            buttons.append((given["name"], given.get("value", "")))
        elif tag == "input" and (
            given.get("type") == "hidden"
            or (given.get("type") == "checkbox" and "checked" in given)
        ):
            # A form may send one name with several values; httpx sends a list as such.
            filled[given["name"]] = given.get("value", "on")


async def walk(address: str, *, until: str) -> str:
    """Go where an address leads, showing the card and agreeing, until a front end's own address."""
    async with httpx.AsyncClient() as browser:
        for _ in range(_MOST_STEPS):
            if address.startswith(until):
                return address
            answer = await browser.get(address)
            while answer.status_code not in (302, 303):
                assert answer.status_code == 200, f"{answer.url}: {answer.text[:2_000]}"
                answer = await _filled(browser, answer)
            address = urljoin(str(answer.url), answer.headers["location"])
            await asyncio.sleep(0)
    raise AssertionError(f"It never came back; it was last sent to {address}.")


async def _filled(browser: httpx.AsyncClient, page: httpx.Response) -> httpx.Response:
    """Fill in the page's form: the card where one is asked for, and yes where one is asked."""
    reader = _Forms()
    reader.feed(page.text)
    assert reader.forms, f"{page.url} has no form: {page.text[:1_000]}"
    shown = [form for form in reader.forms if form[0].endswith("/present-card")]
    action, filled, buttons = (shown or reader.forms)[0]
    agreeing = [one for one in buttons if one[1] in ("all", "yes")]
    chosen = dict((agreeing or buttons)[:1])
    return await browser.post(
        urljoin(str(page.url), action), data={**filled, **chosen, **(_CARD if shown else {})}
    )
