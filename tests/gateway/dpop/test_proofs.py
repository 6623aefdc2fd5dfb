"""Proofs used up in the database: once for all gateways, however many arrive together."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from foundation import clock
from foundation.database import Database
from foundation.identifiers import new_id
from foundation.identity import SigningKey
from foundation.identity.dpop import InvalidProof, prove
from gateway.dpop import repository
from gateway.dpop.problems import DpopProofInvalid, DpopProofRequired
from gateway.dpop.proofs import Proofs, ProofsUnknown, only

ISSUER = "https://tamaire.example"
URL = f"{ISSUER}/benefits/v1/events"
KEY = SigningKey.generate("ES256")
TOKEN = "t"
Opening = Callable[[str], Awaitable[Database]]


def proofs_over(database: Database) -> Proofs:
    return Proofs(database, issuer=ISSUER, tenant_domain="tamaire.example")


def a_proof(token: str = TOKEN, *, key: SigningKey = KEY, token_id: str | None = None) -> str:
    return prove(key, method="GET", url=URL, token_id=token_id or str(new_id()), token=token)


async def judged(proofs: Proofs, proof: str, *, token: str = TOKEN, jkt: str = KEY.kid) -> None:
    await proofs.judge(proof, method="GET", url=URL, token=token, jkt=jkt)


class TestJudge:
    async def test_believes_a_proof_once(self, database_of: Opening) -> None:
        proofs, proof = proofs_over(await database_of("platform")), a_proof()
        await judged(proofs, proof)
        with pytest.raises(DpopProofInvalid):
            await judged(proofs, proof)

    async def test_believes_it_once_at_all_gateways(self, database_of: Opening) -> None:
        here = proofs_over(await database_of("platform"))
        there = proofs_over(await database_of("platform"))
        proof = a_proof()
        await judged(here, proof)
        with pytest.raises(DpopProofInvalid):
            await judged(there, proof)

    async def test_lets_two_clients_use_the_same_number(self, database_of: Opening) -> None:
        proofs, other = proofs_over(await database_of("platform")), SigningKey.generate("ES256")
        number = str(new_id())
        await judged(proofs, a_proof(token_id=number))
        await judged(proofs, a_proof(token_id=number, key=other), jkt=other.kid)

    async def test_of_many_copies_at_once_believes_one(self, database_of: Opening) -> None:
        gateways = [proofs_over(await database_of("platform")) for _ in range(3)]
        proof = a_proof()
        answers = await asyncio.gather(
            *(judged(gateways[number % 3], proof) for number in range(60)), return_exceptions=True
        )
        assert answers.count(None) == 1
        assert sum(isinstance(one, DpopProofInvalid) for one in answers) == 59

    async def test_serves_many_together(self, database_of: Opening) -> None:
        proofs = proofs_over(await database_of("platform"))
        await asyncio.gather(*(judged(proofs, a_proof()) for _ in range(450)))

    async def test_a_stranger_does_not_use_up_the_owners_proof(self, database_of: Opening) -> None:
        proofs, proof = proofs_over(await database_of("platform")), a_proof()
        for wrong in ({"jkt": SigningKey.generate("ES256").kid}, {"token": "another"}):
            with pytest.raises(DpopProofInvalid):
                await judged(proofs, proof, **wrong)
        await judged(proofs, proof)

    async def test_one_who_hangs_up_takes_nobody_along(self, database_of: Opening) -> None:
        proofs = proofs_over(await database_of("platform"))
        tasks = [asyncio.create_task(judged(proofs, a_proof())) for _ in range(20)]
        await asyncio.sleep(0)
        for task in tasks[::2]:
            task.cancel()
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        assert answers[1::2] == [None] * 10

    async def test_believes_nobody_while_the_database_is_away(self, database_of: Opening) -> None:
        database = await database_of("platform")
        proofs = proofs_over(database)
        await database.close()
        with pytest.raises(ProofsUnknown):
            await judged(proofs, a_proof())

    async def test_says_of_a_key_that_it_was_shown(self, database_of: Opening) -> None:
        proofs, proof = proofs_over(await database_of("platform")), a_proof()
        assert (await proofs.possession(proof, method="GET", url=URL)).jkt == KEY.kid
        with pytest.raises(InvalidProof, match="before"):
            await proofs.possession(proof, method="GET", url=URL)

    async def test_forgets_what_would_be_refused_for_its_age(self, database_of: Opening) -> None:
        database = await database_of("platform")
        proofs, proof, now = proofs_over(database), a_proof(), clock.now()
        await judged(proofs, proof)
        async with database.unbound() as work:
            await repository.forget(work, before=now)
        with pytest.raises(DpopProofInvalid):
            await judged(proofs, proof)
        with clock.frozen(now + timedelta(seconds=75)):
            async with database.unbound() as work:
                assert await repository.forget(work, before=clock.now()) >= 1
            with pytest.raises(DpopProofInvalid):
                await judged(proofs, proof)


class TestAddresses:
    @pytest.mark.parametrize(
        ("host", "origin"),
        [
            ("tamaire.example", ISSUER),
            ("012084.tamaire.example", "https://012084.tamaire.example"),
            ("012084.TAMAIRE.example", "https://012084.tamaire.example"),
            ("evil.example", ISSUER),
            ("012084.evil.example", ISSUER),
            ("012084.tamaire.example.evil.example", ISSUER),
            ("012084.tamaire.example:8443", ISSUER),
            ("x.tamaire.example", ISSUER),
            ("", ISSUER),
            (None, ISSUER),
        ],
    )
    def test_are_ours_whatever_host_is_named(self, host: str | None, origin: str) -> None:
        unopened: Any = None
        assert proofs_over(unopened).url_of(host, "/x") == f"{origin}/x"


class TestOnly:
    def test_takes_the_one_header(self) -> None:
        assert only(["x"]) == "x"

    def test_takes_neither_none_nor_two(self) -> None:
        with pytest.raises(DpopProofRequired):
            only([])
        with pytest.raises(DpopProofInvalid):
            only(["x", "x"])
