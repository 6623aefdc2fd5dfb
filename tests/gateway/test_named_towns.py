"""What is counted against a municipality is what the desk does for it."""

from urllib.parse import urlencode

import httpx
import pytest

from gateway.named_towns import named_town
from tests.support.front_door import FrontDoor

DOMAIN = "tamaire.example"
KITAMI, CHIYODA, NOWHERE = "012084", "131016", "999999"
HANDLE, OTHER = f"{KITAMI}.{'h' * 43}", f"{CHIYODA}.{'o' * 43}"
URN = "urn:ietf:params:oauth:request_uri:"


def named(path: str, query: str = "", *, header: str | None = None, host: str = "") -> str | None:
    headers = [(b"host", host.encode())]
    if header is not None:
        headers.append((b"tamaire-municipality", header.encode("latin-1")))
    return named_town(path.encode(), query.encode(), headers, domain=DOMAIN)


class TestNaming:
    @pytest.mark.parametrize("path", ["/oauth/authorize", "/oauth/par", "/session/sign-in"])
    def test_is_by_header_or_by_an_address_of_ours(self, path: str) -> None:
        assert named(path, header=f" {KITAMI}\xa0") == KITAMI
        assert named(path, host=f"{KITAMI}.{DOMAIN}:8200") == KITAMI
        assert named(path, header=KITAMI, host=f"{CHIYODA}.elsewhere.example") == KITAMI

    @pytest.mark.parametrize(
        "host", [f"{CHIYODA}.elsewhere.example", CHIYODA, f"{CHIYODA}.a.{DOMAIN}", DOMAIN]
    )
    def test_is_not_by_somebody_elses_address(self, host: str) -> None:
        assert named("/oauth/authorize", host=host) is None
        assert named("/oauth/authorize", f"request_uri={URN}{HANDLE}", host=host) == KITAMI

    @pytest.mark.parametrize(
        ("path", "query"),
        [
            ("/oauth/authorize", f"request_uri={URN}{HANDLE}"),
            ("/oauth/authorize", f"state={OTHER}&{urlencode({'request_uri': URN + HANDLE})}"),
            ("/oauth/continue", f"state={HANDLE}"),
            ("/oauth/continue", f"code={OTHER}&municipality_code={CHIYODA}&state={HANDLE}"),
            ("/oauth/providers", f"st%61te={HANDLE}"),
            ("/oauth/trial", f"state={OTHER}&link={HANDLE}"),
            ("/oauth/trial", f"link={OTHER}&link={HANDLE}"),
            ("/session/sign-in", f"municipality_code={KITAMI}"),
            ("/session/sign-in", f"state={CHIYODA}&a=b&municipality_code={KITAMI}"),
            ("/session/sign-in", f"municipality%5Fcode={KITAMI}"),
            ("/session/sign-in", f"a=%ff&municipality_code=+%30{KITAMI[1:]}"),
        ],
    )
    def test_is_by_what_the_desk_reads_there(self, path: str, query: str) -> None:
        assert named(path, query) == KITAMI

    @pytest.mark.parametrize("path", ["/oauth/continue", "/oauth/providers"])
    def test_is_not_by_a_header_that_is_not_read_there(self, path: str) -> None:
        assert named(path, f"state={HANDLE}", header=CHIYODA) == KITAMI
        assert named(path, header=CHIYODA, host=f"{CHIYODA}.{DOMAIN}") is None

    @pytest.mark.parametrize(
        ("path", "query"),
        [
            ("/oauth/authorize", f"municipality_code={KITAMI}&state={HANDLE}"),
            ("/oauth/par", f"municipality_code={KITAMI}"),
            ("/oauth/continue", f"state={KITAMI}.short"),
            ("/session/sign-in", f"state={HANDLE}"),
            ("/session/sign-in", f"municipality_code={NOWHERE}"),
            ("/oauth/callback", f"state={HANDLE}"),
        ],
    )
    def test_is_not_by_what_the_desk_does_not_read(self, path: str, query: str) -> None:
        assert named(path, query) is None

    def test_is_not_by_what_is_no_code(self) -> None:
        assert named("/oauth/authorize", header=NOWHERE) is None
        assert named("/oauth/authorize", header="北見市".encode().decode("latin-1")) is None


class TestTheDesk:
    async def test_begins_a_sign_in_for_the_town_that_is_counted(self, door: FrontDoor) -> None:
        place = str(door.tenancies.kitami.code)
        sent = {"Host": f"{CHIYODA}.elsewhere.example", "Tamaire-Municipality": place}
        answer = await door.authorize(headers=sent)
        assert answer.status_code == 303
        assert httpx.URL(answer.headers["location"]).params["state"].startswith(f"{place}.")
        heard = [(name.lower(), value) for name, value in answer.request.headers.raw]
        query = answer.request.url.query
        assert named_town(b"/oauth/authorize", query, heard, domain="localhost") == place
