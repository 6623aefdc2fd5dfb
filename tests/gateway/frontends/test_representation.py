"""A page on which a mother sees to her child's affairs with her own session."""

import asyncio
import time
from uuid import UUID

import pytest

from foundation.audit import entries_of_tenant
from foundation.identifiers import new_id
from foundation.identity import Resident
from gateway.frontends.passes import SessionPasses
from gateway.frontends.problems import RepresentationRefused
from tests.gateway.frontends.conftest import FrontEnd
from tests.gateway.mandates.conftest import Family, family

__all__ = ["family"]


async def signed_in(front_end: FrontEnd, subject: str = "mother") -> SessionPasses:
    await front_end.signs_in(subject=subject)
    return SessionPasses(front_end.door.state)


class TestActing:
    async def test_names_both_and_reaches_the_childs_record(
        self, front_end: FrontEnd, family: Family
    ) -> None:
        right = await family.recorded()
        passes = await signed_in(front_end)
        found = await passes.pass_of(front_end.cookie, right_id=UUID(right["id"]))
        acting = found.access.caller.principal
        assert isinstance(acting, Resident)
        assert acting.resident_id == family.child_id
        assert acting.representation is not None
        assert acting.representation.represented_id == family.child_id
        assert "benefits:read" in acting.scopes
        own = (await passes.pass_of(front_end.cookie)).access.caller.principal
        assert isinstance(own, Resident)
        assert (own.resident_id, own.representation) == (family.mother_id, None)
        assert own.subject == acting.subject

    async def test_goes_through_the_whole_house(self, front_end: FrontEnd, family: Family) -> None:
        right = await family.recorded()
        await front_end.signs_in(subject="mother")
        said = await front_end.asks(
            "GET", "/platform/v1/me", **{"Tamaire-Representation": right["id"]}
        )
        assert said.status_code in (200, 403), said.text
        refused = await front_end.asks(
            "GET", "/platform/v1/me", **{"Tamaire-Representation": str(new_id())}
        )
        assert refused.json()["type"] == "/problems/platform/representation-refused"

    @pytest.mark.parametrize("named", ["", "x", "00000000"])
    async def test_is_refused_on_what_can_be_no_right(
        self, front_end: FrontEnd, named: str
    ) -> None:
        await front_end.signs_in()
        refused = await front_end.asks(
            "GET", "/platform/v1/me", **{"Tamaire-Representation": named}
        )
        assert refused.status_code == 403

    async def test_is_refused_to_anybody_else(self, front_end: FrontEnd, family: Family) -> None:
        right = await family.recorded()
        passes = await signed_in(front_end, subject="taro")
        with pytest.raises(RepresentationRefused):
            await passes.pass_of(front_end.cookie, right_id=UUID(right["id"]))

    async def test_ends_with_the_right_within_a_second(
        self, front_end: FrontEnd, family: Family
    ) -> None:
        right = await family.recorded()
        passes, right_id = await signed_in(front_end), UUID(right["id"])
        await passes.pass_of(front_end.cookie, right_id=right_id)
        ended = await family.clerk.post(
            f"/representations/{right['id']}/withdrawal", reason="court_decision"
        )
        assert ended.json()["state"] == "withdrawn"
        began = time.monotonic()
        with pytest.raises(RepresentationRefused):
            while time.monotonic() - began < 1:
                await passes.pass_of(front_end.cookie, right_id=right_id)
                await asyncio.sleep(0.02)
        assert await passes.pass_of(front_end.cookie)

    async def test_leaves_one_entry_in_the_trail(self, front_end: FrontEnd, family: Family) -> None:
        right = await family.recorded()
        passes, right_id = await signed_in(front_end), UUID(right["id"])
        for _ in range(3):
            await passes.pass_of(front_end.cookie, right_id=right_id)
        async with front_end.door.state.database.transaction(
            front_end.door.tenancies.kitami
        ) as work:
            entries = await entries_of_tenant(work)
        taken = [one for one in entries if one["action"] == "platform.representation.take-up"]
        assert len(taken) == 1
