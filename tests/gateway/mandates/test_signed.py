"""A mandate that is signed with the card is the one that was signed, once, by the giver."""

import hashlib
import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
from hypothesis import given, strategies as st

from foundation import clock
from foundation.identifiers import new_id
from gateway.mandates.document import Mandate, document_of
from gateway.representations.domain import Act, Evidence, Ground, Proposal
from tests.gateway.mandates.conftest import MOTHER, TODAY, Family, slug
from tests.gateway.people import Caller, laid_down, official, resident
from tests.support.front_door import CALLBACK, CARD

REFUSED = (422, "platform/mandate-signature-refused")
PURPOSE = "platform.representation.request"

A_MANDATE = Mandate(
    municipality_code="012084",
    municipality_name="北見市",
    represented_id=UUID(int=1),
    holder_code="K7QM-3X0D",
    holder_tag=b"t" * 16,
    relationship="子",
    proposal=Proposal(
        ground=Ground.MANDATE,
        acts=frozenset({Act.SEE_BENEFITS, Act.SEE_RECORD}),
        evidence=Evidence.CARD_SIGNATURE,
        may_receive=False,
        starts_on=date(2026, 11, 23),
        ends_on=date(2027, 3, 31),
    ),
    ends_on=date(2027, 3, 31),
)


class TestDocument:
    def test_says_everything_in_words_and_in_sorted_members(self) -> None:
        document = document_of(A_MANDATE)
        facts = json.loads(document.text)
        assert list(facts) == sorted(facts)
        assert facts["statement"] == document.statement
        for said in ("北見市", "K7QM-3X0D", "続柄:子", "2026年11月23日", "2027年3月31日"):
            assert said in document.statement
        assert "給付の案内と申請の内容を見ること、住民登録の内容を見ること。" in document.statement
        assert "お金の受け取りは含みません" in document.statement
        assert document.digest == hashlib.sha256(document.text.encode()).digest()

    @given(
        st.fixed_dictionaries(
            {
                "represented_id": st.uuids(),
                "holder_tag": st.binary(min_size=16, max_size=16),
                "relationship": st.text(min_size=1, max_size=20),
                "municipality_code": st.sampled_from(["012084", "131016"]),
                "ends_on": st.dates(date(2026, 11, 23), date(2027, 11, 22)),
                "acts": st.frozensets(st.sampled_from(Act), min_size=1),
                "may_receive": st.booleans(),
            }
        )
    )
    def test_is_the_same_for_the_same_mandate_alone(self, changes: dict[str, Any]) -> None:
        proposal = replace(
            A_MANDATE.proposal, acts=changes.pop("acts"), may_receive=changes.pop("may_receive")
        )
        other = replace(A_MANDATE, proposal=proposal, **changes)
        assert document_of(other) == document_of(replace(other))
        assert (document_of(other).digest == document_of(A_MANDATE).digest) == (other == A_MANDATE)


def asking(code: str, **changes: Any) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "holder_code": code,
        "relationship": "友人",
        "acts": ["benefits.see"],
        "starts_on": TODAY.isoformat(),
        "ends_on": (TODAY + timedelta(days=30)).isoformat(),
    }
    return asked | changes


async def shown(family: Family, name: str = "友人") -> str:
    """Let somebody be shown a code."""
    friend = await resident(family.door, name, says=CARD | {"name": name})
    return (await friend.post("/counter-slips")).json()["code"]


async def drafted(family: Family, asked: dict[str, Any]) -> dict[str, Any]:
    answer = await family.mother.post("/representations/requests/document", **asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def signed(
    family: Family,
    document: dict[str, Any],
    *,
    at: datetime | None = None,
    by: Caller | None = None,
    **changes: Any,
) -> str:
    """Ask for a signature, and let the platform have verified it."""
    wanted = {
        "document_digest": document["digest"],
        "purpose": document["purpose"],
        "statement": document["statement"],
        "return_to": CALLBACK,
    } | changes
    answer = await (by or family.mother).post("/signatures", **wanted)
    assert answer.status_code == 201, answer.text
    sha256 = hashlib.sha256(new_id().bytes).digest()
    await family.seen(
        "WITH list AS (INSERT INTO platform.revocation_lists (sha256, content, kept_at)"
        " VALUES ($2, '', now()))"
        " UPDATE platform.signatures SET state = 'verified', holder_match = 'exact',"
        " signed_at = $3, decided_at = $3, evidence_sealed = '', evidence_sha256 = $2,"
        " crl_sha256 = $2 WHERE id = $1",
        UUID(answer.json()["id"]),
        sha256,
        at or clock.now(),
    )
    return answer.json()["id"]


async def asked_with(family: Family, asked: dict[str, Any], signature: str) -> httpx.Response:
    return await family.mother.post("/representations/requests", **asked, signature_id=signature)


class TestDraft:
    async def test_leaves_the_code_good(self, family: Family) -> None:
        asked = asking(await shown(family))
        first, second = await drafted(family, asked), await drafted(family, asked)
        assert first == second
        assert first["digest"] == hashlib.sha256(first["document"].encode()).hexdigest()
        assert (await family.mother.post("/representations/requests", **asked)).status_code == 201

    async def test_refuses_what_could_not_be_a_mandate(self, family: Family) -> None:
        asked = asking(await shown(family), acts=["access_log.see"])
        answer = await family.mother.post("/representations/requests/document", **asked)
        assert slug(answer) == (422, "platform/representation-invalid")

    async def test_is_hidden_from_another_municipality(self, family: Family) -> None:
        code, door = await shown(family), family.door
        there = await resident(door, "other", tenancy=door.tenancies.chiyoda, says=MOTHER)
        answer = await there.post("/representations/requests/document", **asking(code))
        assert slug(answer) == (404, "platform/slip-not-found")

    async def test_is_a_residents_own(self, family: Family) -> None:
        clerk = await official(family.door, "clerk")
        body = asking(await shown(family))
        assert (await clerk.post("/representations/requests/document", **body)).status_code == 403


class TestSignature:
    async def test_stands_under_the_mandate_it_was_made_for(self, family: Family) -> None:
        asked = asking(await shown(family))
        document = await drafted(family, asked)
        answer = await asked_with(family, asked, await signed(family, document))
        assert answer.status_code == 201, answer.text
        assert (answer.json()["state"], answer.json()["evidence"]) == (
            "requested",
            "card_signature",
        )
        (row,) = await family.seen(
            "SELECT signed_document_sealed FROM platform.representations WHERE id = $1",
            UUID(answer.json()["id"]),
        )
        assert row[0]
        assert document["document"].encode() not in row[0]

    async def test_says_nothing_of_another_mandate(self, family: Family) -> None:
        code = await shown(family)
        signature = await signed(family, await drafted(family, asking(code)))
        wider: dict[str, Any] = {
            "acts": ["benefits.see", "benefits.apply", "registry.see"],
            "relationship": "子",
            "ends_on": (TODAY + timedelta(days=31)).isoformat(),
            "starts_on": (TODAY + timedelta(days=1)).isoformat(),
        }
        for name, value in wider.items():
            other = await asked_with(family, asking(code, **{name: value}), signature)
            assert slug(other) == REFUSED, name
        somebody_else = await asked_with(family, asking(await shown(family, "詐欺師")), signature)
        assert slug(somebody_else) == REFUSED

    async def test_is_used_once(self, family: Family) -> None:
        asked = asking(await shown(family))
        signature = await signed(family, await drafted(family, asked))
        assert (await asked_with(family, asked, signature)).status_code == 201
        # The very same words to the very same person, by a code with the same letters.
        await family.seen(
            "UPDATE platform.counter_slips SET state = 'shown' WHERE tenant_id = $1",
            family.door.tenancies.kitami.tenant_id,
        )
        assert slug(await asked_with(family, asked, signature)) == REFUSED

    async def test_is_thirty_days_old_at_most(self, family: Family) -> None:
        asked = asking(await shown(family))
        document = await drafted(family, asked)
        thirty = timedelta(days=30)
        old = await signed(family, document, at=clock.now() - thirty - timedelta(seconds=1))
        assert slug(await asked_with(family, asked, old)) == REFUSED
        good = await signed(family, document, at=clock.now() - thirty + timedelta(minutes=1))
        assert (await asked_with(family, asked, good)).status_code == 201

    async def test_is_as_old_at_most_as_the_municipality_laid_down(self, family: Family) -> None:
        asked = asking(await shown(family))
        document = await drafted(family, asked)
        old = await signed(family, document, at=clock.now() - timedelta(days=40))
        assert slug(await asked_with(family, asked, old)) == REFUSED
        await laid_down(family.door, "platform.mandate_signature_days", 60)
        assert (await asked_with(family, asked, old)).status_code == 201

    async def test_was_asked_for_as_this_and_in_these_words(self, family: Family) -> None:
        asked = asking(await shown(family))
        document = await drafted(family, asked)
        others: list[dict[str, Any]] = [
            {"purpose": "benefits.application.confirm"},
            {"statement": "アンケートに回答します。"},
            {"document_digest": "0" * 64},
        ]
        for changes in others:
            signature = await signed(family, document, **changes)
            assert slug(await asked_with(family, asked, signature)) == REFUSED

    async def test_is_the_givers_own(self, family: Family) -> None:
        asked = asking(await shown(family))
        document = await drafted(family, asked)
        stranger = await resident(family.door, "stranger", says=CARD | {"name": "誰か"})
        signature = await signed(family, document, by=stranger)
        unknown = (404, "platform/signature-not-found")
        assert slug(await asked_with(family, asked, signature)) == unknown
        assert slug(await asked_with(family, asked, str(new_id()))) == unknown

    async def test_was_not_made_in_anothers_name(self, family: Family) -> None:
        asked = asking(await shown(family))
        signature = await signed(family, await drafted(family, asked))
        await family.seen(
            "UPDATE platform.signatures SET for_another = true WHERE id = $1", UUID(signature)
        )
        assert slug(await asked_with(family, asked, signature)) == REFUSED
