"""Taking up the right to act for another: one's own token for one that names both (RFC 8693).

The new token is the represented person's in what it reaches and the holder's in who acts. It is
short, carries no more than the right does, cannot be refreshed, and cannot be exchanged again.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from foundation import clock
from foundation.database import Transaction
from foundation.identity import Representation, Resident
from gateway import trail
from gateway.access import VerifiedAccess
from gateway.clients import repository as clients
from gateway.representations import repository as representations, taking_up
from gateway.representations.domain import Recorded
from gateway.withdrawals import giving_to

from . import issuing, repository
from .asking import Asking
from .errors import InvalidGrant, InvalidRequest, InvalidScope
from .issuing import Tokens
from .subject_tokens import shown_access

ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - the name of a type

TAKE_UP = "platform.representation.take-up"


async def take_up(asking: Asking) -> Tokens:
    """Give a token to act for another, on a right that holds at this moment.

    Raises:
        InvalidRequest: a parameter is missing, or the subject token is not a good one of ours.
        InvalidGrant: there is no such right, or it is not the caller's, or does not hold; which,
            is not said: that somebody exists may be the very thing to be kept.
        InvalidScope: nothing of what is asked for can be done on this right.
    """
    right_id = _right_id(asking)
    access, principal = await _subject(asking)
    async with asking.door.database.transaction(access.caller.tenancy) as work:
        await giving_to(work, asking.client.client_id)
        session = await repository.session(work, UUID(principal.session_id))
        if session is None or not session.is_open(clock.now()):
            raise InvalidGrant(reason="the session has ended")
        right = await taking_up.taken_up(work, right_id, person=session.person)
        if right is not None:
            ends = [session.expires_at, taking_up.end_of(right) or session.expires_at]
            return await _given(work, asking, access, acting_on(principal, right), until=min(ends))
        await trail.note_caller(work, access.caller, TAKE_UP, decision="denied", obj=str(right_id))
    raise InvalidGrant("There is no such right to act for another.", reason="not taken up")


async def _given(
    work: Transaction,
    asking: Asking,
    access: VerifiedAccess,
    acting: Resident,
    *,
    until: datetime,
) -> Tokens:
    asked = acting.scopes if asking.scopes is None else asking.scopes & acting.scopes
    leave = await clients.leave_to_give_on(work, asking.client.client_id)
    scopes = asking.client.granted(asked, kind="resident", leave=leave.scopes)
    if not scopes:
        raise InvalidScope("Nothing of what is asked for can be done on this right.")
    acting = replace(acting, scopes=scopes)
    token, life = issuing.for_representative(
        asking.door,
        acting,
        code=access.caller.tenancy.code,
        until=until,
        leave=leave,
        jkt=asking.jkt,
    )
    if acting.representation is not None:
        until = clock.now() + timedelta(seconds=life)
        await representations.note_live(work, acting.representation.representation_id, until=until)
    caller = replace(access.caller, principal=acting)
    await trail.note_caller(work, caller, TAKE_UP)
    return Tokens(
        access_token=token,
        expires_in=life,
        scopes=scopes,
        jkt=asking.jkt,
        issued_token_type=ACCESS_TOKEN,
    )


def acting_on(principal: Resident, right: Recorded) -> Resident:
    """Return the holder as they act on this right: for another, within its reach and their own."""
    return replace(
        principal,
        scopes=principal.scopes & right.scopes,
        resident_id=right.represented_id,
        representation=Representation(
            representation_id=right.id,
            represented_id=right.represented_id,
            kind=right.kind,
            may_receive=right.may_receive,
        ),
    )


def _right_id(asking: Asking) -> UUID:
    form = asking.form
    for name in ("subject_token_type", "requested_token_type"):
        if form.get(name, ACCESS_TOKEN) != ACCESS_TOKEN:
            raise InvalidRequest(f"{name} must be {ACCESS_TOKEN}.")
    if "subject_token_type" not in form or "actor_token" in form:
        raise InvalidRequest("Send subject_token with subject_token_type, and no actor_token.")
    try:
        return UUID(form.get("representation_id", ""))
    except ValueError:
        raise InvalidRequest("representation_id must name a representation.") from None


async def _subject(asking: Asking) -> tuple[VerifiedAccess, Resident]:
    """Return who takes a right up, by their own token, given to this very client and key.

    Raises:
        InvalidRequest: the token is none of these (RFC 8693 §2.2.2).
        InvalidDpopProof: it is bound to a key, and that key was not shown.
    """
    access = shown_access(asking)
    principal = access.caller.principal
    if not isinstance(principal, Resident) or principal.representation is not None:
        raise InvalidRequest("subject_token must be a resident's own.")
    return access, principal
