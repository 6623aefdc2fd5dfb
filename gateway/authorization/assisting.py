"""Taking up a consent to assist: an official's own token for one of another office (RFC 8693).

The new token is good in the municipality that consented, for ten minutes at most, with no more
than the consent lends and the official is at home. It cannot be refreshed or exchanged again. Both
offices record that it was given, and both that it was refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from foundation import clock
from foundation.audit import Decision
from foundation.database import Transaction
from foundation.identity import Assistance, Caller, Official, Role
from gateway import trail
from gateway.access import VerifiedAccess
from gateway.assistance import repository as assistance
from gateway.assistance.acts import TAKE_UP
from gateway.assistance.domain import SCOPES, Consent
from gateway.clients import repository as clients
from gateway.tenants import Municipality, MunicipalityNotFound
from gateway.withdrawals import giving_to

from . import issuing, repository
from .asking import Asking
from .errors import InvalidGrant, InvalidRequest, InvalidScope
from .holders import holder_of
from .issuing import Tokens
from .subject_tokens import shown_access

CONSENT: Final = "assistance_consent_id"
"""The form field that makes an exchange one of this kind."""
ACCESS_TOKEN: Final = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - a type's name
_REFUSED: Final = "There is no such consent to assist."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seeker:
    """An official who would act in another municipality, as their own office knows them now."""

    caller: Caller
    official: Official
    roles: frozenset[Role]
    until: datetime


async def assist(asking: Asking) -> Tokens:
    """Give a token to act in another municipality, on a consent that holds at this moment.

    Raises:
        InvalidRequest: a parameter is missing, or the subject token is not a good one of ours.
        InvalidGrant: there is no such consent, it is another office's, it does not hold, or it
            lends nothing the official is at home; which of these, is not said.
        InvalidScope: nothing of what is asked for can be done on this consent.
    """
    consent_id, place = _named(asking)
    access, official = _subject(asking)
    seeker = await _at_home(asking, access, official)
    tokens = await _in(asking, place, seeker, consent_id)
    decision: Decision = "denied" if tokens is None else "allowed"
    async with asking.door.database.transaction(access.caller.tenancy) as work:
        detail: Mapping[str, str] = {"assisted": str(place.code)}
        await trail.note_caller(
            work, access.caller, TAKE_UP, decision=decision, obj=str(consent_id), detail=detail
        )
    if tokens is None:
        raise InvalidGrant(_REFUSED, reason="not taken up")
    return tokens


async def _at_home(asking: Asking, access: VerifiedAccess, official: Official) -> _Seeker:
    """Return the official with the duties they have in their own office at this moment."""
    async with asking.door.database.transaction(access.caller.tenancy) as work:
        session = await repository.session(work, UUID(official.session_id))
        if session is None or not session.is_open(clock.now()):
            raise InvalidGrant(reason="the session has ended")
        holder = await holder_of(work, session)
    return _Seeker(
        caller=access.caller,
        official=official,
        # What the token in hand leaves out, it was not given; what has ended since, has ended.
        roles=holder.roles & official.roles,
        until=min(session.expires_at, holder.until or session.expires_at),
    )


async def _in(
    asking: Asking, place: Municipality, seeker: _Seeker, consent_id: UUID
) -> Tokens | None:
    """Give the token in the municipality that consented, and record there that it was given."""
    async with asking.door.database.transaction(place.tenancy) as work:
        await giving_to(work, asking.client.client_id)
        # Held: who withdraws it waits for this, and what is given here is then taken back.
        consent = await assistance.held(work, consent_id)
        office = seeker.caller.tenancy.code
        roles = set[Role]() if consent is None else consent.lends(office, seeker.roles, clock.now())
        if consent is None or not roles:
            if consent is not None:
                await _note_refusal(work, place, seeker, consent_id)
            return None
        acting = replace(
            seeker.official,
            roles=frozenset(roles),
            assistance=Assistance(assistance_id=consent.id, office=office),
        )
        return await _given(work, asking, place, acting, ends=_end_of(consent, seeker))


async def _given(
    work: Transaction, asking: Asking, place: Municipality, acting: Official, *, ends: datetime
) -> Tokens:
    open_to = acting.scopes & SCOPES
    asked = open_to if asking.scopes is None else asking.scopes & open_to
    leave = await clients.leave_to_give_on(work, asking.client.client_id)
    scopes = asking.client.granted(asked, kind="official", leave=leave.scopes)
    if not scopes:
        raise InvalidScope("Nothing of what is asked for can be done on this consent.")
    acting = replace(acting, scopes=scopes)
    token, life = issuing.for_assistant(
        asking.door, acting, code=place.code, until=ends, leave=leave, jkt=asking.jkt
    )
    await trail.note_caller(work, Caller(principal=acting, tenancy=place.tenancy), TAKE_UP)
    return Tokens(
        access_token=token,
        expires_in=life,
        scopes=scopes,
        jkt=asking.jkt,
        issued_token_type=ACCESS_TOKEN,
    )


async def _note_refusal(
    work: Transaction, place: Municipality, seeker: _Seeker, consent_id: UUID
) -> None:
    """Leave word in the municipality that somebody tried, and from which office."""
    caller = Caller(principal=seeker.official, tenancy=place.tenancy)
    detail = {"office": str(seeker.caller.tenancy.code)}
    await trail.note_caller(
        work, caller, TAKE_UP, decision="denied", obj=str(consent_id), detail=detail
    )


def _end_of(consent: Consent, seeker: _Seeker) -> datetime:
    ends_at = consent.terms.period.ends_at
    return seeker.until if ends_at is None else min(ends_at, seeker.until)


def _named(asking: Asking) -> tuple[UUID, Municipality]:
    """Return which consent is taken up, and in which municipality (`audience`, RFC 8693 §2.1)."""
    form = asking.form
    for name in ("subject_token_type", "requested_token_type"):
        if form.get(name, ACCESS_TOKEN) != ACCESS_TOKEN:
            raise InvalidRequest(f"{name} must be {ACCESS_TOKEN}.")
    if "subject_token_type" not in form or "actor_token" in form or "representation_id" in form:
        raise InvalidRequest("Send subject_token with subject_token_type, and no other right.")
    try:
        consent_id = UUID(form.get(CONSENT, ""))
    except ValueError:
        raise InvalidRequest(f"{CONSENT} must name a consent.") from None
    try:
        return consent_id, asking.door.tenants.participant(form.get("audience", ""))
    except MunicipalityNotFound:
        raise InvalidRequest("audience must be the code of a municipality.") from None


def _subject(asking: Asking) -> tuple[VerifiedAccess, Official]:
    """Return who takes a consent up, by their own token, given to this very client and key.

    Raises:
        InvalidRequest: the token is none of these (RFC 8693 §2.2.2), or an assistant's already.
        InvalidDpopProof: it is bound to a key, and that key was not shown.
    """
    access = shown_access(asking)
    principal = access.caller.principal
    if not isinstance(principal, Official) or principal.assistance is not None:
        raise InvalidRequest("subject_token must be an official's own.")
    return access, principal
