"""Whoever touches the past, the superuser included, is found out by anyone with the public key."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from foundation.audit import (
    Checkpoint,
    Entry,
    FaultKind,
    Report,
    Sealer,
    Signer,
    Witness,
    record,
    verify,
    verify_tenant,
)
from foundation.audit.merkle import Tree
from foundation.database import Database
from foundation.identifiers import TenantId, new_id
from tests.foundation.audit.tampering import Tamper, tamper
from tests.support.house import Tenancies

__all__ = ["tamper"]

OpenDatabase = Callable[..., Awaitable[Database]]

TENANT = TenantId(17)
SIGNER = Signer.generate()
AT = datetime(2026, 11, 23, 8, tzinfo=UTC)


def an_entry(number: int = 0, *subjects: UUID) -> Entry:
    return Entry(
        service="benefits",
        action="benefits.application.read",
        actor_kind="official",
        actor="tanaka",
        client_id="demo-desk",
        subjects=subjects,
        request_id=f"r-{number}",
    )


def sealed(rows: Sequence[dict[str, Any]], *sizes: int, tenant_id: int = TENANT) -> list[str]:
    """Return the notes of an honest sealer that came by at these sizes."""
    tree, notes = Tree(), list[str]()
    for row in rows:
        tree.add(row["leaf"])
        if tree.size in sizes:
            seal = Checkpoint(
                tenant_id=TenantId(tenant_id), size=tree.size, root=tree.root, sealed_at=AT
            )
            notes.append(SIGNER.sign(seal))
    return notes


async def checked(rows: Sequence[dict[str, Any]], notes: Sequence[str]) -> Report:
    async def stream() -> AsyncIterator[dict[str, Any]]:
        for row in rows:
            yield row

    return await verify(TENANT, stream(), notes, SIGNER.verifier)


def kinds(report: Report) -> set[FaultKind]:
    return {fault.kind for fault in report.faults}


class TestOffline:
    """Without any database: an export, and the municipality's own copy of the seals."""

    async def test_finds_nothing_wrong_with_an_honest_trail(self) -> None:
        rows = [an_entry(number).row(TENANT) for number in range(10)]
        report = await checked(rows, sealed(rows, 3, 8))
        assert (report.entries, report.sealed, report.is_clean) == (10, 8, True)

    @given(
        count=st.integers(2, 12),
        deed=st.sampled_from(["edit", "edit and rehash", "delete", "insert", "reorder", "cut"]),
        data=st.data(),
    )
    async def test_finds_every_change_below_the_last_seal(
        self, count: int, deed: str, data: st.DataObject
    ) -> None:
        entries = [an_entry(number) for number in range(count)]
        rows = [entry.row(TENANT) for entry in entries]
        notes = sealed(rows, max(count // 2, 1), count)
        place = data.draw(st.integers(0, count - 2))
        match deed:
            case "edit":
                rows[place]["actor"] = "nobody"
            case "edit and rehash":
                rows[place] = replace(entries[place], actor="nobody").row(TENANT)
            case "delete":
                del rows[place]
            case "insert":
                rows.insert(place, an_entry(99).row(TENANT))
            case "reorder":
                rows[place], rows[place + 1] = rows[place + 1], rows[place]
            case _:
                del rows[place + 1 :]
        report = await checked(rows, notes)
        assert not report.is_clean
        assert report.sealed <= place + 1

    async def test_says_between_which_seals_the_past_was_changed(self) -> None:
        entries = [an_entry(number) for number in range(12)]
        rows = [entry.row(TENANT) for entry in entries]
        notes = sealed(rows, 4, 8, 12)
        rows[5] = replace(entries[5], actor="nobody").row(TENANT)
        [fault] = (await checked(rows, notes)).faults
        assert (fault.kind, fault.where) == (FaultKind.PAST_CHANGED, "4..8")

    async def test_says_which_entry_was_edited(self) -> None:
        rows = [an_entry(number).row(TENANT) for number in range(3)]
        rows[1]["purpose"] = "audit"
        report = await checked(rows, [])
        assert [fault.where for fault in report.faults] == [str(rows[1]["id"])]

    async def test_says_how_many_are_missing_at_the_end(self) -> None:
        rows = [an_entry(number).row(TENANT) for number in range(6)]
        [fault] = (await checked(rows[:4], sealed(rows, 2, 6))).faults
        assert (fault.kind, fault.where) == (FaultKind.PAST_SHORTENED, "4 of 6")

    async def test_refuses_seals_that_are_not_ours_or_of_another_tenant(self) -> None:
        rows = [an_entry(number).row(TENANT) for number in range(2)]
        [ours], [theirs] = sealed(rows, 2), sealed(rows, 2, tenant_id=18)
        report = await checked(rows, [ours, theirs, ours.replace("\n2\n", "\n1\n")])
        assert [fault.where for fault in report.faults] == ["note 2", "note 3"]
        assert kinds(report) == {FaultKind.SEAL_NOT_OURS}

    async def test_finds_two_histories_that_were_both_sealed(self) -> None:
        rows = [an_entry(number).row(TENANT) for number in range(2)]
        other = [an_entry(number).row(TENANT) for number in range(2)]
        report = await checked(rows, [*sealed(rows, 2), *sealed(other, 2)])
        assert kinds(report) == {FaultKind.SEALS_CONTRADICT}


@dataclass(frozen=True)
class Trail:
    """Six sealed entries of a tenant, and all it takes to check them."""

    tenant_id: TenantId
    entries: Sequence[Entry]
    check: Callable[[], Awaitable[Report]]


@pytest.fixture
async def trail(database_of: OpenDatabase, tenancies: Tenancies, tmp_path: Path) -> Trail:
    benefits, archive = await database_of("benefits"), await database_of("audit", "worker")
    tenant_id = tenancies.kitami.tenant_id
    witness = Witness(tmp_path)
    sealer = Sealer(archive, signer=SIGNER, witness=witness)
    entries = [an_entry(number, new_id()) for number in range(6)]
    for entry in entries:
        async with benefits.transaction(tenancies.kitami) as tx:
            await record(tx, entry)
        if entry in (entries[2], entries[5]):
            await sealer.seal(tenant_id)

    async def check() -> Report:
        return await verify_tenant(archive, tenant_id, witness.notes(tenant_id), SIGNER.verifier)

    return Trail(tenant_id, entries, check)


FIRST = "(SELECT min(tx) FROM audit.entries WHERE tenant_id = $1)"
COPY = (
    "INSERT INTO audit.entries SELECT tenant_id, uuidv7(), tx, at, service, actor_kind, actor,"
    " client_id, purpose, action, object, subjects, decision, request_id, detail, leaf"
    f" FROM audit.entries WHERE tenant_id = $1 AND tx = {FIRST}"
)

BLAME = (
    "INSERT INTO audit.entry_subjects SELECT tenant_id, uuidv7(), at, id"
    f" FROM audit.entries WHERE tenant_id = $1 AND tx = {FIRST}"
)
FORGE = (
    "UPDATE audit.checkpoints SET note = replace(note, E'\\n3\\n', E'\\n2\\n') WHERE tenant_id = $1"
)


class TestASuperuser:
    async def test_who_touches_nothing_is_not_accused(self, trail: Trail) -> None:
        report = await trail.check()
        assert (report.entries, report.sealed, report.is_clean) == (6, 6, True)

    @pytest.mark.parametrize(
        ("deed", "found"),
        [
            (
                f"UPDATE audit.entries SET actor = 'nobody' WHERE tenant_id = $1 AND tx = {FIRST}",
                FaultKind.ENTRY_EDITED,
            ),
            (
                f"DELETE FROM audit.entries WHERE tenant_id = $1 AND tx = {FIRST}",
                FaultKind.PAST_CHANGED,
            ),
            (COPY, FaultKind.PAST_CHANGED),
            (
                f"UPDATE audit.entries SET tx = tx + 100000 WHERE tenant_id = $1 AND tx = {FIRST}",
                FaultKind.PAST_CHANGED,
            ),
            ("DELETE FROM audit.entries WHERE tenant_id = $1", FaultKind.PAST_SHORTENED),
            (
                "DELETE FROM audit.entry_subjects WHERE tenant_id = $1",
                FaultKind.SUBJECTS_CHANGED,
            ),
            (
                BLAME,
                FaultKind.SUBJECTS_CHANGED,
            ),
            (
                "UPDATE audit.entry_subjects SET at = at - interval '1 year' WHERE tenant_id = $1",
                FaultKind.SUBJECTS_CHANGED,
            ),
            (
                FORGE,
                FaultKind.SEAL_NOT_OURS,
            ),
        ],
        ids=["edit", "delete", "insert", "reorder", "cut", "hide", "blame", "backdate", "forge"],
    )
    async def test_is_found_out(
        self, trail: Trail, tamper: Tamper, deed: str, found: FaultKind
    ) -> None:
        assert not (await tamper(deed, trail.tenant_id)).endswith(" 0")
        assert found in kinds(await trail.check())

    async def test_who_edits_and_makes_the_hash_fit_is_found_out_all_the_same(
        self, trail: Trail, tamper: Tamper
    ) -> None:
        forged = replace(trail.entries[1], actor="nobody").row(trail.tenant_id)
        await tamper(
            "UPDATE audit.entries SET actor = $3, leaf = $4 WHERE tenant_id = $1 AND id = $2",
            trail.tenant_id,
            trail.entries[1].id,
            forged["actor"],
            forged["leaf"],
        )
        [fault] = (await trail.check()).faults
        assert (fault.kind, fault.where) == (FaultKind.PAST_CHANGED, "0..3")
