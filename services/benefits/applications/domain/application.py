"""What an application is, why it was offered, and how it may change."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import NewType
from uuid import UUID

from foundation.money import Yen
from services.benefits.programmes.domain import (
    Condition,
    Programme,
    ProgrammeId,
    date_ja,
    fiscal_year_ja,
    rule_of,
)

ApplicationId = NewType("ApplicationId", UUID)


class ApplicationState(StrEnum):
    """From the offer to the money; each word is a fact that has happened."""

    OFFERED = "offered"
    DECLINED = "declined"
    CONFIRMED = "confirmed"
    RETURNED = "returned"
    GRANTED = "granted"
    REFUSED = "refused"
    IN_TRANSFER = "in_transfer"
    PAID = "paid"


_S = ApplicationState
TRANSITIONS: Mapping[ApplicationState, frozenset[ApplicationState]] = {
    _S.OFFERED: frozenset({_S.CONFIRMED, _S.DECLINED}),
    _S.DECLINED: frozenset(),
    _S.CONFIRMED: frozenset({_S.CONFIRMED, _S.RETURNED, _S.GRANTED, _S.REFUSED, _S.DECLINED}),
    _S.RETURNED: frozenset({_S.CONFIRMED, _S.DECLINED}),
    _S.GRANTED: frozenset({_S.GRANTED, _S.IN_TRANSFER}),
    _S.REFUSED: frozenset(),
    _S.IN_TRANSFER: frozenset({_S.PAID}),
    _S.PAID: frozenset(),
}
"""What may follow what. CONFIRMED and GRANTED may follow themselves: a corrected bank account.

Nothing leads back from IN_TRANSFER: from the treasurer's approval on, only the bank decides.
"""

ANSWERABLE = frozenset({_S.OFFERED, _S.RETURNED})
"""States in which the household's confirmation is awaited."""


class IllegalTransition(ValueError):
    """The application cannot go from where it stands to where it was sent."""

    def __init__(self, current: ApplicationState, wanted: ApplicationState) -> None:
        super().__init__(f"{current} does not lead to {wanted}.")
        self.current = current
        self.wanted = wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """The facts and the rule version that made an offer, kept as they were on that day."""

    condition: Condition
    rule_version: int
    reference_on: date
    fiscal_year: int
    member_ids: tuple[UUID, ...]
    amount_yen: Yen


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """One household's case in one programme; the householder is the beneficiary."""

    id: ApplicationId
    programme_id: ProgrammeId
    household_id: UUID
    beneficiary_id: UUID
    state: ApplicationState
    offer: Offer
    bank_account_id: UUID | None
    version: int

    def to(self, state: ApplicationState) -> "Application":
        """Return the application in its next state, one version on.

        Raises:
            IllegalTransition: the table does not lead there.
        """
        if state not in TRANSITIONS[self.state]:
            raise IllegalTransition(self.state, state)
        return replace(self, state=state, version=self.version + 1)

    def with_account(self, bank_account_id: UUID) -> "Application":
        """Return the application paid to another account, in the same state, one version on.

        Raises:
            IllegalTransition: nothing was confirmed yet, or the money is already on its way.
        """
        return replace(self.to(self.state), bank_account_id=bank_account_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An application with what is needed to show it: the programme, and whose name stands on it.

    `beneficiary_name` and `beneficiary_kana` are the register's, as of now; None if the register
    no longer publishes the person.
    """

    application: Application
    programme: Programme
    municipality: str
    beneficiary_name: str | None
    beneficiary_kana: str | None

    @property
    def reason_ja(self) -> str:
        return reason_ja(self.application.offer, municipality=self.municipality)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """What one roster extraction found, in households.

    Those `held_…` were not offered automatically: the section looks at them by hand. A household
    counts under the first reason that applies.
    """

    offered: tuple[UUID, ...]
    already_on_roster: int
    not_meeting: int
    held_unknown: int
    held_protected: int
    held_counted_elsewhere: int
    held_no_householder: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How many applications of a programme are in one state, and their money."""

    state: ApplicationState
    count: int
    amount_yen: Yen


def reason_ja(offer: Offer, *, municipality: str) -> str:
    """Say in one plain sentence why this household is offered the benefit."""
    day = date_ja(offer.reference_on)
    rule = rule_of(offer.condition, version=offer.rule_version)
    count = len(offer.member_ids)
    household = "世帯の全員" if count == 1 else f"世帯の{count}人全員"
    tax = rule.reason_ja.format(fiscal_year=fiscal_year_ja(offer.fiscal_year))
    return f"基準日 {day}に{municipality}に住民登録があり、{household}が{tax}"
