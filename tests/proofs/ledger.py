"""The books after the crashes, held against what every household and official was answered."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import asyncpg

from tests.proofs.bank import File, read_file
from tests.proofs.journeys import HOLDERS, Journey
from tests.support.house import House

_ACTS = {
    "benefits.application.confirm",
    "benefits.application.decline",
    "benefits.application.decide",
    "benefits.transfer.propose",
    "benefits.transfer.approve",
    "benefits.transfer.seal",
    "benefits.transfer.settle",
}
_FINAL_VERSION = {"paid": 5, "refused": 3, "declined": 2}
"""Offered is version 1, and each step adds one: a step done twice would show here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The rows of the proof's municipalities, read by the owners of the tables."""

    applications: dict[str, Any]
    proposals: dict[str, Any]
    lines: list[Any]
    transfers: list[Any]
    files: dict[str, Any]
    downloads: int
    jobs: int
    keys: int
    events: Counter[tuple[str, str]]
    entries: Counter[tuple[str, str]]
    downloads_on_record: int

    @classmethod
    async def read(cls, house: House, tenants: Sequence[int]) -> "Ledger":
        """Read everything."""
        books = await asyncpg.connect(house.dsn("benefits_owner"))
        try:

            async def rows(table: str, columns: str = "*") -> list[Any]:
                return await books.fetch(
                    f"SELECT {columns} FROM benefits.{table} WHERE tenant_id = ANY($1)", tenants
                )

            applications, proposals = await rows("applications"), await rows("transfer_proposals")
            files, events = await rows("transfer_files"), await rows("outbox", "type, subject_id")
            lines, transfers = await rows("transfer_proposal_lines"), await rows("transfers")
            downloads, jobs = await rows("transfer_file_downloads", "id"), await rows("jobs", "id")
            keys = await rows("idempotency_keys", "key")
        finally:
            await books.close()
        entries = await _entries(house, tenants)
        return cls(
            applications={str(row["id"]): row for row in applications},
            proposals={str(row["id"]): row for row in proposals},
            lines=lines,
            transfers=transfers,
            files={str(row["proposal_id"]): row for row in files},
            downloads=len(downloads),
            jobs=len(jobs),
            keys=len(keys),
            events=Counter((row["type"], str(row["subject_id"])) for row in events),
            entries=Counter(pair for pair in entries if pair[0] in _ACTS),
            downloads_on_record=sum(act == "benefits.transfer.download" for act, _ in entries),
        )


async def _entries(house: House, tenants: Sequence[int]) -> list[tuple[str, str]]:
    """Return action and object of every deed; an answer repeated is on record, but is no deed."""
    trail = await asyncpg.connect(house.dsn("audit_owner"))
    try:
        rows = await trail.fetch(
            "SELECT action, object, detail FROM audit.entries"
            " WHERE tenant_id = ANY($1) AND service = 'benefits' AND decision = 'allowed'",
            tenants,
        )
    finally:
        await trail.close()
    return [
        (row["action"], row["object"] or "")
        for row in rows
        if "replayed" not in json.loads(row["detail"])
    ]


def require_truth(ledger: Ledger, journeys: Sequence[Journey], *, keys: int) -> None:
    """Insist that nothing is lost, doubled or changed, and that each step left one trace."""
    assert all(journey.is_finished for journey in journeys)
    assert set(ledger.proposals) == {journey.proposal_id for journey in journeys}
    assert set(ledger.files) == set(ledger.proposals)
    for journey in journeys:
        _require_paid(ledger, journey)
        _require_file(ledger, journey)
        _require_four_eyes(ledger, journey)
    granted = {one for journey in journeys for one in journey.granted}
    assert len(ledger.transfers) == len(ledger.lines) == len(granted)
    assert {row["state"] for row in ledger.transfers} == {"paid"}
    assert ledger.jobs == 0
    assert ledger.keys == keys
    assert ledger.events == _expected_events(journeys)
    assert ledger.entries == _expected_entries(journeys)
    assert ledger.downloads == ledger.downloads_on_record


def _require_paid(ledger: Ledger, journey: Journey) -> None:
    """Every application stands where its household and the section left it, each step once."""
    for state, ids in (
        ("paid", journey.granted),
        ("refused", journey.refused),
        ("declined", journey.declined),
    ):
        for one in ids:
            row = ledger.applications[one]
            assert (row["state"], row["version"]) == (state, _FINAL_VERSION[state])
            assert row["amount_yen"] == journey.amount_yen


def _require_file(ledger: Ledger, journey: Journey) -> None:
    """The one file pays exactly the granted ones, to the accounts they named, and never changed."""
    sealed = ledger.files[journey.proposal_id]
    digest = sha256(journey.content)
    assert journey.digests == {digest.hexdigest()} == {sealed["sha256"].hex()}
    file = read_file(journey.content)
    ordered = sorted(
        (row for row in ledger.lines if str(row["proposal_id"]) == journey.proposal_id),
        key=lambda row: row["line_number"],
    )
    found = {str(row["household_id"]): row["line_number"] for row in ordered}
    assert len(found) == len(ordered) == len(file.entries) == len(journey.granted)
    references = {int(entry.reference): entry for entry in file.entries}
    for one in journey.granted:
        account = journey.accounts[one]
        entry = references[found[str(journey.applications[one].household_id)]]
        assert (entry.bank_code, entry.branch_code) == (
            account["bank_code"],
            account["branch_code"],
        )
        assert (entry.account_type, entry.account_number) == (
            account["account_type"],
            account["account_number"],
        )
        assert (entry.holder, entry.amount_yen) == (
            HOLDERS[account["holder_kana"]],
            journey.amount_yen,
        )
    _require_sums(ledger, journey, file)


def _require_sums(ledger: Ledger, journey: Journey, file: File) -> None:
    total = sum(entry.amount_yen for entry in file.entries)
    proposal, sealed = ledger.proposals[journey.proposal_id], ledger.files[journey.proposal_id]
    assert total == journey.amount_yen * len(journey.granted)
    assert total == file.trailer_total_yen == proposal["total_yen"] == sealed["total_yen"]
    count = len(file.entries)
    assert count == file.trailer_count == proposal["line_count"] == sealed["record_count"]


def _require_four_eyes(ledger: Ledger, journey: Journey) -> None:
    proposal = ledger.proposals[journey.proposal_id]
    assert proposal["state"] == "settled"
    assert proposal["approved_by"] != proposal["proposed_by"]
    said = (journey.proposer, journey.approver, journey.settler)
    assert (proposal["proposed_by"], proposal["approved_by"], proposal["settled_by"]) == said


def _expected_events(journeys: Sequence[Journey]) -> Counter[tuple[str, str]]:
    expected: Counter[tuple[str, str]] = Counter()
    for journey in journeys:
        expected["benefits.programme.published.v1", journey.programme_id] += 1
        expected["benefits.roster.extracted.v1", journey.programme_id] += 1
        for one in journey.declined:
            expected["benefits.application.declined.v1", one] += 1
        for one in journey.accounts:
            expected["benefits.application.confirmed.v1", one] += 1
        for one in journey.refused:
            expected["benefits.application.refused.v1", one] += 1
        for one in journey.granted:
            expected["benefits.application.granted.v1", one] += 1
        for step in ("proposed", "approved", "sealed", "settled"):
            expected[f"benefits.transfer_proposal.{step}.v1", journey.proposal_id] += 1
    return expected


def _expected_entries(journeys: Sequence[Journey]) -> Counter[tuple[str, str]]:
    expected: Counter[tuple[str, str]] = Counter()
    for journey in journeys:
        for one in journey.declined:
            expected["benefits.application.decline", one] += 1
        for one in journey.accounts:
            expected["benefits.application.confirm", one] += 1
            expected["benefits.application.decide", one] += 1
        for step in ("propose", "approve", "seal", "settle"):
            expected[f"benefits.transfer.{step}", journey.proposal_id] += 1
    return expected
