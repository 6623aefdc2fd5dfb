"""The sign-in behind a call, for what people may see and end of their own."""

from uuid import UUID

from foundation.identity import Machine
from foundation.problems import Forbidden
from foundation.work import Work
from gateway.authorization import repository as sessions
from gateway.authorization.domain import Session


async def own_session(work: Work) -> Session:
    """Return the session the caller's token was given in.

    A token names its person by the name one kind of front end sees; only the session knows them
    across front ends, and it stays within the municipality.

    Raises:
        Forbidden: the caller is no person, or the session is forgotten already.
    """
    principal = work.principal
    if isinstance(principal, Machine):
        raise Forbidden
    found = await sessions.session(work.tx, UUID(principal.session_id))
    if found is None or found.subject != principal.subject:
        raise Forbidden
    return found
