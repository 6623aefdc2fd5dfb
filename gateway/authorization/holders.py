"""What is true of a person at this moment, whichever way they come: by a token or by a cookie."""

from foundation import clock
from foundation.database import Transaction
from gateway.bindings import repository as bindings
from gateway.businesses import repository as businesses
from gateway.duties import repository as duties
from gateway.duties.domain import Duties

from .domain import Session
from .issuing import Holder


async def holder_of(work: Transaction, session: Session) -> Holder:
    """Return the person of a session with the duties and the record they have now."""
    if work.tenancy is None:
        raise TypeError("This work belongs to one municipality.")
    held, is_official = Duties(frozenset()), session.kind == "official"
    if is_official:
        held = await duties.duties_of(
            work, person=session.person, subject=session.subject, now=clock.now()
        )
    is_business, is_resident = session.kind == "business", session.kind == "resident"
    return Holder(
        session=session,
        code=work.tenancy.code,
        roles=held.roles,
        until=held.until,
        resident_id=await bindings.find(work, session.person) if is_resident else None,
        business=await businesses.of_person(work, session.person) if is_business else None,
    )
