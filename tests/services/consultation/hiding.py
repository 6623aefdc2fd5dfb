"""What every operation on a case owes to those outside it: nothing, and a note in the trail."""

import asyncio
from typing import Any

import httpx

from foundation.identity import Role
from tests.services.consultation.desk import PATH, RECORD, Desk, name_of, refusal
from tests.support.callers import As

NOWHERE = "01890a5d-ac96-774b-bcce-b302099a8057"
NOT_FOUND = (404, "consultation/case-not-found")


class HiddenFromOutsiders:
    """Inherited by the tests of each operation, which say in `attempt` how it is asked for."""

    async def attempt(self, caller: As, case: str, desk: Desk) -> httpx.Response:
        """Ask for the operation on this case."""
        raise NotImplementedError

    async def test_is_hidden_from_another_municipality(self, desk: Desk, other: Desk) -> None:
        case = await self._filled(desk)
        refused = await self.attempt(other.lead, case, desk)
        assert refusal(refused) == NOT_FOUND
        await self._tells_nothing(refused, other.lead, other)

    async def test_is_hidden_from_a_colleague_without_a_role(self, desk: Desk) -> None:
        case, colleague = await self._filled(desk), desk.counsellor()
        refused = await self.attempt(colleague, case, desk)
        assert refusal(refused) == NOT_FOUND
        await self._tells_nothing(refused, colleague, desk)

    async def test_is_hidden_from_an_administrator_even_with_a_role(self, desk: Desk) -> None:
        case = await self._filled(desk)
        for administrator in (
            desk.official(Role.ADMINISTRATOR),
            await desk.member(case, "worker", official=desk.official(Role.ADMINISTRATOR)),
        ):
            refused = await self.attempt(administrator, case, desk)
            assert refusal(refused) == NOT_FOUND
            await self._tells_nothing(refused, administrator, desk)

    async def test_is_hidden_from_who_was_a_member(self, desk: Desk) -> None:
        case = await self._filled(desk)
        former = await desk.member(case, "worker")
        removed = await desk.lead.delete(
            f"{PATH}/{case}/members/{name_of(former)}", headers=await desk.version(case)
        )
        assert removed.status_code == 200
        assert refusal(await self.attempt(former, case, desk)) == NOT_FOUND

    async def test_is_hidden_without_waiting_for_those_inside(self, desk: Desk) -> None:
        case, colleague = await self._filled(desk), desk.counsellor()
        async with desk.held(case), asyncio.timeout(10):
            assert refusal(await self.attempt(colleague, case, desk)) == NOT_FOUND

    async def test_is_hidden_in_the_same_words_as_what_does_not_exist(self, desk: Desk) -> None:
        case, colleague = await self._filled(desk), desk.counsellor()
        hidden, absent = [
            _without_instance(await self.attempt(colleague, number, desk))
            for number in (case, NOWHERE)
        ]
        assert hidden == absent

    async def _filled(self, desk: Desk) -> str:
        case = await desk.opened(consultee={"name": "秘匿 太郎", "contact": "090-0000-0000"})
        await desk.recorded(case)
        return case

    async def _tells_nothing(self, refused: httpx.Response, caller: As, desk: Desk) -> None:
        assert "秘匿" not in refused.text
        assert RECORD["text"] not in refused.text
        *_, entry = await desk.trail()
        assert (entry["actor"], entry["decision"]) == (name_of(caller), "denied")
        assert "consultation/case-not-found" in entry["detail"]


def _without_instance(response: httpx.Response) -> dict[str, Any]:
    return {name: value for name, value in response.json().items() if name != "instance"}
