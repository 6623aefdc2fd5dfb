"""Saying who is calling, and for a resident how they stand to the register."""

from uuid import UUID

from foundation.identity import Business, Machine, Official, Principal, Resident
from foundation.work import Work
from gateway.authorization import repository as sessions
from gateway.bindings import repository as bindings
from gateway.businesses import repository as businesses
from gateway.businesses.domain import may_move_money
from gateway.counter.service import own_slip
from gateway.directory.schemas import MunicipalityRead
from gateway.tenants import MunicipalityNotFound, municipality_of

from .schemas import (
    AssistanceHeld,
    BindingRead,
    BusinessRead,
    MeRead,
    NextStep,
    RepresentationHeld,
    SlipShown,
)

_NEXT_STEPS = {
    "unmatched": NextStep(
        ja="窓口で示す番号を受け取り、本人確認書類とあわせてお住まいの自治体の窓口でお示しください。"
        "職員が登録内容を確認します。",
        en="Please ask for a code to show, and bring it with an identity document to your "
        "municipality's counter; an official will check your registration.",
    ),
    "unavailable": NextStep(
        ja="ただいま登録内容を確認できません。しばらくしてから、もう一度サインインしてください。",
        en="Your registration cannot be checked at the moment. Please sign in again later.",
    ),
}


async def describe(work: Work) -> MeRead:
    """Say who the token says is calling.

    Raises:
        MunicipalityNotFound: the municipality took its leave between the door and here.
    """
    principal = work.principal
    place = await municipality_of(work.tx, work.tenancy)
    if place is None:
        raise MunicipalityNotFound
    resident = await _standing(work, principal) if isinstance(principal, Resident) else None
    business = await _business(work, principal) if isinstance(principal, Business) else None
    person = None if isinstance(principal, Machine) else principal
    return MeRead(
        kind=principal.kind,
        subject=principal.subject,
        client_id=principal.client_id,
        municipality=MunicipalityRead.of(place),
        scopes=sorted(principal.scopes),
        roles=sorted(principal.roles) if isinstance(principal, Official) else [],
        acr=person.acr if person else None,
        auth_time=person.auth_time if person else None,
        binding=resident.status if resident else None,
        resident=resident,
        business=business,
        representation=_held(principal),
        assistance=_lent(principal),
    )


def _lent(principal: Principal) -> AssistanceHeld | None:
    lent = principal.assistance if isinstance(principal, Official) else None
    return None if lent is None else AssistanceHeld(id=lent.assistance_id, office_code=lent.office)


def _held(principal: Principal) -> RepresentationHeld | None:
    held = principal.representation if isinstance(principal, Resident) else None
    if held is None:
        return None
    return RepresentationHeld(
        id=held.representation_id,
        kind=held.kind,
        represented_id=held.represented_id,
        may_receive=held.may_receive,
    )


async def _business(work: Work, principal: Business) -> BusinessRead:
    """Return the business somebody came for, as its provider described it at their sign-in."""
    known = await businesses.of_subject(work.tx, work.cipher, principal.subject)
    has_mandate = known is not None and known.has_mandate
    return BusinessRead(
        business_id=principal.business_id,
        role=principal.role,
        name=known.name if known else None,
        corporate_number=known.corporate_number if known else None,
        may_move_money=may_move_money(principal, has_mandate=has_mandate),
    )


async def _standing(work: Work, principal: Resident) -> BindingRead:
    """Return how the resident stands now: an official may have bound them since they signed in."""
    bound, status, slip = principal.resident_id, "unmatched", None
    session = await sessions.session(work.tx, UUID(principal.session_id))
    if session is not None and principal.representation is None:
        bound = bound or await bindings.find(work.tx, session.person)
        status, slip = session.binding, await _slip(work, session.person)
    if bound is not None:
        return BindingRead(status="bound", resident_id=bound, next_step=None, slip=slip)
    unbound = "unavailable" if status == "unavailable" else "unmatched"
    return BindingRead(status=unbound, resident_id=None, next_step=_NEXT_STEPS[unbound], slip=slip)


async def _slip(work: Work, person: str) -> SlipShown | None:
    """Return the code the person may show at the counter, for their own eyes."""
    shown = await own_slip(work, person)
    if shown is None:
        return None
    slip, code = shown
    return SlipShown(id=slip.id, code=code, expires_at=slip.expires_at)
