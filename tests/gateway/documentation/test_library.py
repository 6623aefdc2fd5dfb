"""Pages anybody may read, complete without anything from elsewhere."""

import json
import re
from pathlib import Path

import pytest

from foundation.problems import CATALOGUE, NotFound, ServiceUnavailable
from gateway.documentation import Library, Page, library
from gateway.openapi import Description, Published

OF_A_SERVICE = {
    "type": "/problems/benefits/odd-thing",
    "status": 409,
    "title": "An <odd> thing.",
    "title_ja": "<変>なこと。",
    "remedy": "Wait & see.",
    "remedy_ja": "待つ。",
}


class Told(Description):
    """A description that is simply there, or is not."""

    def __init__(self, *, is_whole: bool) -> None:
        super().__init__({}, dict, issuer="")
        self._is_whole = is_whole

    async def current(self) -> Published:  # pyright: ignore[reportImplicitOverride] - plain fake
        if not self._is_whole:
            raise ServiceUnavailable
        return Published({"x-problems": [OF_A_SERVICE]}, b'{"openapi":"3.1.0"}', b'"tag"')


@pytest.fixture
def shelves() -> Library:
    return Library(Told(is_whole=True))


def header(page: Page, name: bytes) -> bytes:
    return dict(page.headers)[name]


class TestDocs:
    @pytest.mark.parametrize("path", sorted(library.FILES))
    async def test_every_file_is_there(self, shelves: Library, path: bytes) -> None:
        page = await shelves.find(path, None)
        assert page.body
        assert page.etag

    async def test_nothing_is_fetched_from_elsewhere(self, shelves: Library) -> None:
        page = await shelves.find(b"/docs", None)
        addresses = re.findall(rb'(?:src|href)="([^"]*)"', page.body)
        assert addresses
        assert all(one.startswith((b"/", b"data:")) for one in addresses)
        for one in addresses:
            if one.startswith(b"/docs/"):
                assert (await shelves.find(one, None)).status == 200

    async def test_no_script_stands_in_a_page(self, shelves: Library) -> None:
        for path in (b"/docs", b"/problems", b"/problems/platform/not-found"):
            page = await shelves.find(path, None)
            assert not re.search(rb"<script(?![^>]*src=)|<style| on[a-z]+=|style=", page.body)
            policy = header(page, b"content-security-policy")
            assert b"default-src 'none'" in policy
            assert b"unsafe" not in policy

    async def test_the_licence_of_what_we_did_not_write_is_there(self, shelves: Library) -> None:
        assert b"Apache License" in (await shelves.find(b"/docs/licence", None)).body

    @pytest.mark.parametrize("path", [b"/docs/", b"/docs/x", b"/docs/../settings.py", b"/docs/%2e"])
    async def test_nothing_else_of_the_disk_can_be_read(
        self, shelves: Library, path: bytes
    ) -> None:
        with pytest.raises(NotFound):
            await shelves.find(path, None)

    def test_only_what_is_listed_is_shipped(self) -> None:
        folder = Path(library.__file__).with_name("static")
        listed = {name for name, _ in library.FILES.values()}
        assert {path.name for path in folder.iterdir()} == listed


class TestProblems:
    @pytest.mark.parametrize("slug", sorted(CATALOGUE))
    async def test_every_refusal_of_ours_is_explained(self, shelves: Library, slug: str) -> None:
        page = await shelves.find(f"/problems/{slug}".encode(), b"text/html")
        assert CATALOGUE[slug].title_ja in page.body.decode()

    async def test_a_services_refusal_is_explained_and_escaped(self, shelves: Library) -> None:
        page = await shelves.find(b"/problems/benefits/odd-thing", None)
        assert "&lt;変&gt;なこと。" in page.body.decode()
        assert b"Wait &amp; see." in page.body

    async def test_a_machine_is_answered_in_json(self, shelves: Library) -> None:
        page = await shelves.find(b"/problems/benefits/odd-thing", b"application/json")
        assert json.loads(page.body) == OF_A_SERVICE
        listed = json.loads((await shelves.find(b"/problems", b"application/json")).body)
        assert {entry["type"] for entry in listed} >= {
            OF_A_SERVICE["type"],
            "/problems/platform/upstream-failed",
        }

    async def test_what_is_no_refusal_is_not_found(self, shelves: Library) -> None:
        with pytest.raises(NotFound):
            await shelves.find(b"/problems/benefits/nothing", None)

    async def test_does_not_deny_what_it_cannot_know(self) -> None:
        partly = Library(Told(is_whole=False))
        with pytest.raises(ServiceUnavailable):
            await partly.find(b"/problems/benefits/odd-thing", None)
        assert (await partly.find(b"/problems/platform/not-found", None)).status == 200


class TestDescription:
    async def test_is_handed_out_with_its_tag(self, shelves: Library) -> None:
        page = await shelves.find(b"/openapi.json", None)
        assert page.body == b'{"openapi":"3.1.0"}'
        assert header(page, b"etag") == b'"tag"'
