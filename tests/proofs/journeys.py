"""The way of the money, walked over and over: from the offer to the bank's word that it is paid.

Wherever two people could do the same thing, two do it at the same moment, and the proposer also
tries to approve. Everything a household or an official was answered is kept, to be held against
the books.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any

from foundation.identifiers import new_id
from foundation.identity import Official, Principal, Role
from foundation.tenancy import Tenancy
from tests.proofs.doors import Doors, Given, Wish
from tests.proofs.premises import Household
from tests.services.benefits.town import PAYER, next_banking_day, terms
from tests.support.callers import a_resident, an_official

BASE = "/benefits/v1"
PROPOSALS = f"{BASE}/transfer-proposals"
HOLDERS = {"キタミ ハナコ": "ｷﾀﾐ ﾊﾅｺ", "サトウ ケン": "ｻﾄｳ ｹﾝ", "カ)ミホン": "ｶ)ﾐﾎﾝ"}
"""A name as it stands in a bank book, and as it stands in a transfer file."""
STEPS = (
    "preparing",
    "confirming",
    "deciding",
    "proposing",
    "approving",
    "sealing",
    "downloading",
    "settling",
    "repeating",
)
_POLL_SECONDS = 0.05
_DECLINED, _REFUSED = 1, 1
_AT_ONCE = 8


@dataclass(slots=True, kw_only=True)
class Journey:
    """One programme of one municipality, as those who took part remember it."""

    tenancy: Tenancy
    amount_yen: int
    transfer_on: date
    programme_id: str = ""
    proposal_id: str = ""
    applications: dict[str, Household] = field(default_factory=dict[str, Household])
    accounts: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    """What each household named when it confirmed, by application."""
    declined: list[str] = field(default_factory=list[str])
    refused: list[str] = field(default_factory=list[str])
    granted: list[str] = field(default_factory=list[str])
    proposer: str = ""
    approver: str = ""
    settler: str = ""
    digests: set[str] = field(default_factory=set[str])
    content: bytes = b""
    is_finished: bool = False


class Lane:
    """One municipality, in which one programme after the other is paid out."""

    def __init__(
        self, doors: Doors, tenancy: Tenancy, households: Sequence[Household], log: "Log"
    ) -> None:
        self._doors = doors
        self._tenancy = tenancy
        self._households = households
        self._log = log
        self._hands = asyncio.Semaphore(_AT_ONCE)
        self._random = random.Random(int(tenancy.tenant_id))  # noqa: S311 - a spread, no secret
        both = (Role.BENEFITS_OFFICER, Role.TREASURER)
        self._section = [an_official(*both, subject=f"section-{n}") for n in (1, 2)]
        self._treasury = [an_official(Role.TREASURER, subject=f"treasury-{n}") for n in (1, 2)]

    async def name_payer(self) -> None:
        """Enter the municipality's own account; before anything is killed, for it has no key."""
        wish = self._wish(self._treasury[0], "/payer", PAYER, method="PUT")
        reply = await self._doors.once(wish)
        assert reply.status == 200, reply.body

    async def walk(self) -> Journey:
        """Pay one programme out, from its definition to the settlement, then ask all again."""
        journey = Journey(
            tenancy=self._tenancy,
            amount_yen=self._random.randint(10_000, 99_999),
            transfer_on=next_banking_day(),
        )
        self._log.journeys.append(journey)
        answers: list[tuple[Wish, Given]] = []
        for step, work in (
            ("preparing", self._prepare),
            ("confirming", self._confirm),
            ("deciding", self._decide),
            ("proposing", self._propose),
            ("approving", self._approve),
            ("sealing", self._await_seal),
            ("downloading", self._download),
            ("settling", self._settle),
            ("downloading", self._download),
        ):
            with self._log.in_flight(step):
                answers += await work(journey)
        with self._log.in_flight("repeating"):
            await self._repeat(answers)
        self._log.keys += len(answers)
        journey.is_finished = True
        return journey

    async def look_again(self, journey: Journey) -> None:
        """Download a file once more, long after."""
        await self._download(journey)

    async def _prepare(self, journey: Journey) -> list[tuple[Wish, Given]]:
        officer = self._section[0]
        define = self._wish(
            officer,
            "/programmes",
            terms(amount_per_household_yen=journey.amount_yen, code=f"P-{str(new_id())[-12:]}"),
        )
        defined = await self._done(define)
        journey.programme_id = defined.document["id"]
        path = f"/programmes/{journey.programme_id}"
        publish, extract = (
            self._wish(officer, f"{path}/publication"),
            self._wish(officer, f"{path}/roster"),
        )
        answers = [(define, defined), (publish, await self._done(publish))]
        answers.append((extract, await self._done(extract)))
        roster = await self._done(self._wish(officer, f"{path}/roster?limit=200", method="GET"))
        of_resident = {one.resident_id: one for one in self._households}
        for item in roster.document["items"]:
            household = next(h for r, h in of_resident.items() if str(r) == item["beneficiary_id"])
            journey.applications[item["id"]] = household
        assert len(journey.applications) == len(self._households)
        return answers

    async def _confirm(self, journey: Journey) -> list[tuple[Wish, Given]]:
        """Every household answers at the same time: one declines, the others name an account."""
        ids = list(journey.applications)
        self._random.shuffle(ids)
        numbers = self._random.sample(range(1, 10**7), len(ids))
        journey.declined = ids[:_DECLINED]
        wishes = [self._of_resident(journey, one, "declination", None) for one in journey.declined]
        for one, number in zip(ids[_DECLINED:], numbers, strict=False):
            journey.accounts[one] = {
                "bank_code": "0001",
                "branch_code": "001",
                "account_type": "ordinary",
                "account_number": f"{number:07d}",
                "holder_kana": self._random.choice(list(HOLDERS)),
            }
            body = {"bank_account": journey.accounts[one]}
            wishes.append(self._of_resident(journey, one, "confirmation", body))
        return await self._all_done(wishes)

    async def _decide(self, journey: Journey) -> list[tuple[Wish, Given]]:
        """Two officers decide the same applications; each of them is decided by one."""
        ids = list(journey.accounts)
        journey.refused, journey.granted = ids[:_REFUSED], ids[_REFUSED:]
        pairs = [(one, "refused") for one in journey.refused]
        pairs += [(one, "granted") for one in journey.granted]
        return [
            answer
            for answers in await asyncio.gather(
                *(
                    self._rivals(
                        self._section,
                        f"/applications/{one}/decision",
                        {"decision": decision, "reason": "要綱第3条による"},
                        loser={"benefits/application-state-conflict"},
                    )
                    for one, decision in pairs
                )
            )
            for answer in answers
        ]

    async def _propose(self, journey: Journey) -> list[tuple[Wish, Given]]:
        body = {"programme_id": journey.programme_id, "transfer_on": str(journey.transfer_on)}
        answers = await self._rivals(
            self._section,
            "/transfer-proposals",
            body,
            loser={"benefits/proposal-open"},
        )
        ((wish, given),) = answers
        journey.proposal_id, journey.proposer = given.document["id"], wish.principal.subject
        assert given.document["line_count"] == len(journey.granted)
        assert given.document["total_yen"] == len(journey.granted) * journey.amount_yen
        return answers

    async def _approve(self, journey: Journey) -> list[tuple[Wish, Given]]:
        """The proposer, who is also of the treasury, tries first; then two treasurers at once."""
        path = f"/transfer-proposals/{journey.proposal_id}/approval"
        proposer = next(one for one in self._section if one.subject == journey.proposer)
        own = await self._ask(self._wish(proposer, path))
        assert (own.status, own.slug) == (403, "benefits/proposer-may-not-approve"), own.reply.body
        self._log.own_approvals_refused += 1
        answers = await self._rivals(
            self._treasury, path, None, loser={"benefits/proposal-state-conflict"}
        )
        journey.approver = answers[0][0].principal.subject
        return answers

    async def _await_seal(self, journey: Journey) -> list[tuple[Wish, Given]]:
        path = f"/transfer-proposals/{journey.proposal_id}"
        while True:
            read = await self._done(self._wish(self._treasury[0], path, method="GET"))
            if read.document["state"] == "sealed":
                return []
            await asyncio.sleep(_POLL_SECONDS)

    async def _download(self, journey: Journey) -> list[tuple[Wish, Given]]:
        path = f"/transfer-proposals/{journey.proposal_id}/file"
        for treasurer in self._treasury:
            given = await self._done(self._wish(treasurer, path, method="GET"))
            journey.digests.add(sha256(given.reply.body).hexdigest())
            journey.content = given.reply.body
            self._log.downloads += 1
        return []

    async def _settle(self, journey: Journey) -> list[tuple[Wish, Given]]:
        answers = await self._rivals(
            self._treasury,
            f"/transfer-proposals/{journey.proposal_id}/settlement",
            {"executed_on": str(journey.transfer_on)},
            loser={"benefits/proposal-state-conflict"},
        )
        journey.settler = answers[0][0].principal.subject
        return answers

    async def _repeat(self, answers: Sequence[tuple[Wish, Given]]) -> None:
        """Say everything again under its key: the answer must be the first one, to the byte."""
        again = await asyncio.gather(*(self._ask(wish) for wish, _ in answers))
        for (wish, first), second in zip(answers, again, strict=True):
            same = (first.status, first.reply.body) == (second.status, second.reply.body)
            assert same, (wish.path, first.reply.body, second.reply.body)

    async def _rivals(
        self,
        officials: Sequence[Official],
        path: str,
        body: dict[str, Any] | None,
        *,
        loser: set[str],
    ) -> list[tuple[Wish, Given]]:
        """Let two do the same at once, each under a key of their own; return the one who did it."""
        wishes = [self._wish(official, path, body) for official in officials]
        given = await asyncio.gather(*(self._ask(wish) for wish in wishes))
        won = [pair for pair in zip(wishes, given, strict=True) if not pair[1].slug]
        lost = {one.slug for one in given if one.slug}
        assert len(won) == 1, [(one.status, one.reply.body) for one in given]
        assert lost <= loser, [(one.status, one.attempts, one.reply) for one in given]
        self._log.rivals_refused += 1
        return won

    async def _all_done(self, wishes: Sequence[Wish]) -> list[tuple[Wish, Given]]:
        given = await asyncio.gather(*(self._done(wish) for wish in wishes))
        return list(zip(wishes, given, strict=True))

    async def _ask(self, wish: Wish) -> Given:
        async with self._hands:
            return await self._doors.ask(wish)

    async def _done(self, wish: Wish) -> Given:
        given = await self._ask(wish)
        assert given.status < 400, (wish.path, given.status, given.reply.body)
        self._log.seconds.append(given.seconds)
        return given

    def _of_resident(
        self, journey: Journey, application_id: str, act: str, body: dict[str, Any] | None
    ) -> Wish:
        resident_id = journey.applications[application_id].resident_id
        resident = a_resident(resident_id, session_id=str(resident_id))
        return self._wish(resident, f"/applications/{application_id}/{act}", body)

    def _wish(
        self,
        principal: Principal,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        method: str = "POST",
    ) -> Wish:
        headers = ("If-None-Match: *",) if method == "PUT" else ()
        return Wish(
            method=method,
            path=f"{BASE}{path}",
            principal=principal,
            tenancy=self._tenancy,
            body=body,
            headers=headers,
        )


class Log:
    """What has been walked so far, and where everybody is at this moment."""

    def __init__(self) -> None:
        self.journeys: list[Journey] = []
        self.here: dict[str, int] = dict.fromkeys(STEPS, 0)
        self.passed: Counter[str] = Counter()
        self.keys = 0
        self.downloads = 0
        self.rivals_refused = 0
        self.own_approvals_refused = 0
        self.seconds: list[float] = []

    @contextmanager
    def in_flight(self, step: str) -> Generator[None]:
        """Say that somebody is in a step of the journey."""
        self.here[step] += 1
        try:
            yield
        finally:
            self.here[step] -= 1
            self.passed[step] += 1

    def steps_in_flight(self) -> list[str]:
        """Name the steps in which somebody is now; asked from another thread."""
        return [step for step in STEPS if self.here[step] > 0]
