"""Whoever uses what will end is told so with every answer, and the description says it, too."""

from datetime import date

import pytest

from foundation.identifiers import new_id
from foundation.web import Retirement
from tests.foundation.web.conftest import Office

NOTES = "/benefits/v1/notes"
SAID = {
    "deprecation": "@1775001600",
    "sunset": "Thu, 01 Apr 2027 00:00:00 GMT",
    "link": '</benefits/v1/notes>; rel="successor-version", </docs>; rel="deprecation"',
}
NOBODYS = "00000000-0000-0000-0000-000000000000"


class TestRetirement:
    async def test_is_told_with_an_answer(self, office: Office) -> None:
        answer = await office.reader().get(f"{NOTES}/{new_id()}/old")
        assert answer.status_code == 200
        assert {name: answer.headers[name] for name in SAID} == SAID

    async def test_is_told_with_a_refusal(self, office: Office) -> None:
        answer = await office.reader().get(f"{NOTES}/{NOBODYS}/old")
        assert answer.status_code == 404
        assert {name: answer.headers[name] for name in SAID} == SAID

    async def test_stands_in_the_description(self, office: Office) -> None:
        described = office.client.application.openapi()
        operation = described["paths"][f"{NOTES}/{{note_id}}/old"]["get"]
        assert operation["deprecated"] is True
        assert operation["x-sunset"] == "2027-04-01"

    async def test_is_not_told_of_what_stays(self, office: Office) -> None:
        answer = await office.clerk().post(NOTES, json={"text": "控え"})
        assert not {*SAID} - {"link"} & {*answer.headers}

    def test_ends_after_it_began(self) -> None:
        with pytest.raises(ValueError, match="before that"):
            Retirement(since=date(2027, 1, 1), sunset=date(2026, 1, 1))


class TestHead:
    async def test_is_answered_where_get_is(self, office: Office) -> None:
        answer = await office.reader().request(
            "HEAD", f"{NOTES}/01890a5d-ac96-774b-bcce-b302099a8057"
        )
        assert answer.status_code == 200
