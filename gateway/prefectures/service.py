"""What administrators do with consents to assist: propose, confirm as another, take back."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from foundation import clock
from foundation.database import Page, decode_cursor, page_of
from foundation.identifiers import new_id
from foundation.problems import Fault as Mistake, InvalidInput
from foundation.work import Work
from gateway.assistance import acts, repository
from gateway.assistance.domain import (
    ActNotPossible,
    Consent,
    Fault,
    NotTwoPeople,
    State,
    Terms,
    faults_of,
)
from gateway.assistance.problems import (
    AssistanceConsentNotFound,
    AssistanceConsentStateConflict,
    AssistanceNeedsSecondPerson,
)
from gateway.assistance.repository import LAST_ID, Offer
from gateway.withdrawals import Withdrawal, say

_MISTAKES: Final = {
    Fault.OFFICE: Mistake(
        pointer="/office_code",
        detail="Only your own prefecture, or another municipality that takes part, can assist.",
        detail_ja="支援できるのは、自分の都道府県か、利用中のほかの市区町村だけです。",
    ),
    Fault.ROLES: Mistake(
        pointer="/roles",
        detail="Administrators, treasurers and auditors are the municipality's own.",
        detail_ja="管理者・出納・監査の役割は、ほかの団体の職員には任せられません。",
    ),
    Fault.PERIOD: Mistake(
        pointer="/ends_on",
        detail="Begin today or later, and end no earlier than you begin.",
        detail_ja="開始日は今日以降、終了日は開始日以降にしてください。",
    ),
    Fault.TOO_FAR: Mistake(
        pointer="/starts_on",
        detail="Begin within two years from today.",
        detail_ja="開始日は、今日から2年以内にしてください。",
    ),
    Fault.TOO_LONG: Mistake(
        pointer="/ends_on",
        detail="A consent lasts a year at most; propose it anew each year.",
        detail_ja="同意の期間は1年までです。続ける場合は、毎年あらためて起案してください。",
    ),
}


async def propose(work: Work, terms: Terms) -> Consent:
    """Propose that another office may act here; it holds once somebody else has confirmed it.

    Raises:
        InvalidInput: naming everything that is wrong with the terms (422).
    """
    await _require_possible(work, terms)
    consent = Consent(
        id=new_id(),
        terms=terms,
        state=State.PROPOSED,
        proposed_by=work.principal.subject,
        proposed_at=clock.now(),
    )
    await repository.add(work.tx, consent)
    await _record(work, acts.PROPOSE.action, consent)
    return consent


async def confirm(work: Work, consent_id: UUID) -> Consent:
    """Confirm what another administrator proposed; from then on the office can see it.

    Raises:
        AssistanceConsentNotFound: 404.
        AssistanceNeedsSecondPerson: who proposed it confirms it (403).
        AssistanceConsentStateConflict: it is no proposal, or its last day has passed (409).
    """
    consent = await _held(work, consent_id)
    try:
        confirmed = consent.confirmed(by=work.principal.subject, at=clock.now())
    except ActNotPossible as error:
        raise AssistanceConsentStateConflict(state=error.state.value) from error
    except NotTwoPeople as error:
        raise AssistanceNeedsSecondPerson from error
    await repository.keep(work.tx, confirmed)
    await repository.offer(work.tx, confirmed, town=str(work.tenancy.code))
    await _record(work, acts.CONFIRM.action, confirmed)
    return confirmed


async def withdraw(work: Work, consent_id: UUID) -> Consent:
    """Take a consent back; whoever acts on it is refused everywhere within a second.

    Raises:
        AssistanceConsentNotFound: 404.
        AssistanceConsentStateConflict: it was withdrawn already (409).
    """
    consent = await _held(work, consent_id)
    now = clock.now()
    try:
        gone = consent.withdrawn(by=work.principal.subject, at=now)
    except ActNotPossible as error:
        raise AssistanceConsentStateConflict(state=error.state.value) from error
    await repository.keep(work.tx, gone)
    await repository.take_down(work.tx, gone.id, at=now)
    await say(
        work.tx,
        Withdrawal(kind="assistance", value=str(gone.id), code=str(work.tenancy.code), at=now),
    )
    await _record(work, acts.WITHDRAW.action, gone)
    return gone


async def read(work: Work, consent_id: UUID) -> Consent:
    """Return a consent of this municipality.

    Raises:
        AssistanceConsentNotFound: 404.
    """
    consent = await repository.find(work.tx, consent_id)
    if consent is None:
        raise AssistanceConsentNotFound
    return consent


async def listed(work: Work, *, cursor: str | None, limit: int) -> Page[Consent]:
    """Return this municipality's consents, the last proposed first.

    Raises:
        InvalidCursor: the cursor is not one of this list's (400).
    """
    found = await repository.listed(work.tx, before=_before(cursor), limit=limit + 1)
    return page_of(found, limit=limit, key=lambda consent: (consent.id,))


async def offered(work: Work, *, cursor: str | None, limit: int) -> Page[Offer]:
    """Return where officials of the caller's own office may act, today or later.

    Raises:
        InvalidCursor: the cursor is not one of this list's (400).
    """
    found = await repository.offered_to(
        work.tx,
        str(work.tenancy.code),
        today=clock.today(),
        before=_before(cursor),
        limit=limit + 1,
    )
    return page_of(found, limit=limit, key=lambda offer: (offer.id,))


async def _require_possible(work: Work, terms: Terms) -> None:
    today = clock.today()
    faults: Sequence[Fault] = faults_of(terms, town=work.tenancy.code, today=today)
    if Fault.OFFICE not in faults and not await repository.takes_part(
        work.tx, terms.office, today=today
    ):
        faults = [Fault.OFFICE, *faults]
    if faults:
        raise InvalidInput.of([_MISTAKES[fault] for fault in faults])


async def _held(work: Work, consent_id: UUID) -> Consent:
    consent = await repository.held(work.tx, consent_id)
    if consent is None:
        raise AssistanceConsentNotFound
    return consent


def _before(cursor: str | None) -> UUID:
    return decode_cursor(cursor, UUID)[0] if cursor else LAST_ID


async def _record(work: Work, action: str, consent: Consent) -> None:
    await work.record(
        action,
        obj=str(consent.id),
        detail={
            "office": str(consent.terms.office),
            "roles": " ".join(sorted(role.value for role in consent.terms.roles)),
            "until": consent.terms.ends_on.isoformat(),
            "state": consent.state.value,
        },
    )
