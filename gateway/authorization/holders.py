"""What is true of a person at this moment, whichever way they come: by a token or by a cookie."""

from foundation.database import Transaction
from gateway.bindings import repository as bindings

from . import repository
from .domain import Session
from .issuing import Holder


async def holder_of(work: Transaction, session: Session) -> Holder:
    """Return the person of a session with the duties and the record they have now."""
    if work.tenancy is None:
        raise TypeError("This work belongs to one municipality.")
    return Holder(
        session=session,
        code=work.tenancy.code,
        roles=await repository.roles_of(work, session.groups),
        resident_id=await bindings.find(work, session.person),
    )
