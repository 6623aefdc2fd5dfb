"""What a benefit programme is, and how it may change."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NewType
from uuid import UUID

from foundation.money import Yen

ProgrammeId = NewType("ProgrammeId", UUID)

REIWA_BEGAN_IN = 2019
"""The first fiscal year named after Reiwa. Its first year is written 元, not 1."""
_REIWA_BEGAN_ON = date(2019, 5, 1)


class ProgrammeState(StrEnum):
    """Where a programme stands; residents know of it from PUBLISHED on."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CLOSED = "closed"


TRANSITIONS: Mapping[ProgrammeState, frozenset[ProgrammeState]] = {
    ProgrammeState.DRAFT: frozenset({ProgrammeState.PUBLISHED}),
    ProgrammeState.PUBLISHED: frozenset({ProgrammeState.CLOSED}),
    ProgrammeState.CLOSED: frozenset(),
}


class Condition(StrEnum):
    """The declared conditions a household can be asked to meet."""

    HOUSEHOLD_TAX_EXEMPT = "household_tax_exempt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One reading of a condition; a changed reading gets the next version, old offers keep theirs.

    `admitted_tax_statuses` are the registry's words. Every member of the household must have one
    of them; a member whose status is not known meets no rule, so nobody is offered by guess.
    """

    version: int
    admitted_tax_statuses: frozenset[str]
    reason_ja: str


RULES: Mapping[Condition, tuple[Rule, ...]] = {
    Condition.HOUSEHOLD_TAX_EXEMPT: (
        Rule(
            version=1,
            admitted_tax_statuses=frozenset({"exempt"}),
            reason_ja="{fiscal_year}の住民税非課税だったため",
        ),
    ),
}
"""Every reading there has been, oldest first; the last one decides today."""


def current_rule(condition: Condition) -> Rule:
    """Return the reading that decides on offers made from now on."""
    return RULES[condition][-1]


def rule_of(condition: Condition, *, version: int) -> Rule:
    """Return the reading an old offer was made by. Raises KeyError if there never was one."""
    for rule in RULES[condition]:
        if rule.version == version:
            return rule
    raise KeyError(version)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a programme promises; fixed once published, because residents rely on it.

    `reference_on` is the 基準日: who is a resident on that day is paid by this municipality.
    `fiscal_year` is the year whose residents' tax decides, and whose budget pays.
    `seizure_ban` and `tax_free` state what the legal ground says about the money received.
    `signature_required` asks of an application what a seal once was for: a card's signature.
    """

    code: str
    name: str
    legal_ground: str
    fiscal_year: int
    amount_per_household_yen: Yen
    reference_on: date
    condition: Condition
    application_from: date
    application_until: date
    seizure_ban: bool
    tax_free: bool
    signature_required: bool = False

    def faults(self) -> tuple[tuple[str, str, str], ...]:
        """Return every contradiction as (JSON pointer, English, Japanese)."""
        found: list[tuple[str, str, str]] = []
        if self.application_until < self.application_from:
            found.append(
                (
                    "/application_until",
                    "The last day lies before the first day.",
                    "申請の最終日が開始日より前です。",
                )
            )
        if self.application_from < self.reference_on:
            found.append(
                (
                    "/application_from",
                    "Applications cannot open before the reference date.",
                    "申請の開始日は基準日以後にしてください。",
                )
            )
        return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """A benefit programme of one municipality, at one version."""

    id: ProgrammeId
    terms: Terms
    state: ProgrammeState
    version: int

    def may_become(self, state: ProgrammeState) -> bool:
        return state in TRANSITIONS[self.state]

    def takes_applications(self, today: date) -> bool:
        """Tell whether a household may answer today; both days of the period belong to it."""
        return (
            self.state is ProgrammeState.PUBLISHED
            and self.terms.application_from <= today <= self.terms.application_until
        )


def fiscal_year_ja(fiscal_year: int) -> str:
    """Name a fiscal year as on paper: 2026 is 令和8年度. Years before Reiwa keep their number."""
    year = fiscal_year - REIWA_BEGAN_IN + 1
    if year < 1:
        return f"{fiscal_year}年度"
    return "令和元年度" if year == 1 else f"令和{year}年度"


def date_ja(day: date) -> str:
    """Write a day as a notice carries it: 令和8年(2026年)6月1日. Days before Reiwa have no era."""
    western = f"{day.year}年"
    if day < _REIWA_BEGAN_ON:
        return f"{western}{day.month}月{day.day}日"
    year = day.year - REIWA_BEGAN_IN + 1
    return f"令和{'元' if year == 1 else year}年({western}){day.month}月{day.day}日"
