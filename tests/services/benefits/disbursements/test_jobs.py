"""What happens behind the counter happens once, and only with what was approved."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest

from foundation import clock
from foundation.database import Database
from foundation.encryption import Keyring
from foundation.events import Job
from foundation.identifiers import new_id
from services.benefits.disbursements.jobs import handlers
from services.benefits.disbursements.service import SEAL_TRANSFER_FILE, SealingRefused
from tests.services.benefits.disbursements.test_endpoints import PROPOSALS, a_proposal
from tests.services.benefits.town import ACCOUNT, Town, householder, ok

Open = Callable[[str], Awaitable[Database]]


async def seal(town: Town, database: Database, proposal_id: str) -> None:
    """Seal as the worker does, in one transaction of the application role."""
    job = Job(
        id=new_id(),
        kind=SEAL_TRANSFER_FILE,
        payload={"proposal_id": proposal_id},
        attempts=0,
        created_at=clock.now(),
    )
    async with database.transaction(town.tenancy) as tx:
        await handlers(Keyring(town.house.keys_of("benefits")))[job.kind](tx, job)


async def an_approved_proposal(town: Town) -> dict[str, Any]:
    """Return a proposal that was approved although nobody seals it: its job is taken away."""
    proposal = await a_proposal(town)
    await town.run_as_owner(
        "benefits",
        "WITH moved AS (UPDATE benefits.applications SET state = 'in_transfer'"
        " WHERE tenant_id = $1)"
        " UPDATE benefits.transfer_proposals SET state = 'approved', approved_by = 'checker',"
        " approved_at = now() WHERE tenant_id = $1 AND id = $2",
        town.tenancy.tenant_id,
        UUID(proposal["id"]),
    )
    return proposal


class TestSeal:
    async def test_twice_at_the_same_moment_makes_one_file(
        self, town: Town, database_of: Open
    ) -> None:
        proposal = await an_approved_proposal(town)
        database = await database_of("benefits")
        await asyncio.gather(*(seal(town, database, proposal["id"]) for _ in range(4)))
        rows = await town.run_as_owner(
            "benefits",
            "SELECT type FROM benefits.outbox WHERE tenant_id = $1"
            " AND type = 'benefits.transfer_proposal.sealed.v1'",
            town.tenancy.tenant_id,
        )
        assert len(rows) == 1

    async def test_of_what_was_not_approved_does_nothing(
        self, town: Town, database_of: Open
    ) -> None:
        proposal = await a_proposal(town)
        await seal(town, await database_of("benefits"), proposal["id"])
        read = ok(await town.treasury.get(f"{PROPOSALS}/{proposal['id']}"))
        assert (read["state"], read["file"]) == ("proposed", None)

    @pytest.mark.parametrize(
        "tampering",
        [
            "UPDATE benefits.transfer_proposal_lines SET amount_yen = 90000 WHERE tenant_id = $1",
            "UPDATE benefits.bank_accounts SET payee_digest = account_index WHERE tenant_id = $1",
            "UPDATE benefits.transfer_proposals SET total_yen = 90000 WHERE tenant_id = $1",
        ],
        ids=["amount", "payee", "total"],
    )
    async def test_refuses_lines_that_were_tampered_with(
        self, town: Town, database_of: Open, tampering: str
    ) -> None:
        proposal = await an_approved_proposal(town)
        await town.run_as_owner("benefits", tampering, town.tenancy.tenant_id)
        database = await database_of("benefits")
        with pytest.raises(SealingRefused):
            await seal(town, database, proposal["id"])
        read = ok(await town.treasury.get(f"{PROPOSALS}/{proposal['id']}"))
        assert (read["state"], read["file"]) == ("approved", None)


class TestVoid:
    async def test_marks_the_outdated_proposal_soon_after(self, town: Town) -> None:
        head = householder()
        proposal = await a_proposal(town, head)
        (offer,) = ok(await town.resident(head).get("/benefits/v1/offers"))["items"]
        ok(
            await town.resident(head).put(
                f"/benefits/v1/applications/{offer['application_id']}/bank-account",
                json={"bank_account": ACCOUNT | {"account_number": "0000777"}},
                headers={"If-Match": f'"{offer["version"]}"'},
            )
        )
        read = await town.reaching(proposal["id"], "voided")
        assert "口座" in read["closing_reason"]
