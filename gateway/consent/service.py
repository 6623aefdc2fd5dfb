"""What people see of their consents afterwards, and how they take one back."""

from uuid import UUID

from foundation import clock
from foundation.work import Work
from gateway.authorization.service import end
from gateway.own import own_session

from . import repository
from .domain import Consent
from .problems import ConsentNotFound

_BECAUSE = "consent-withdrawn"


async def own_consents(work: Work) -> list[tuple[Consent, str]]:
    """Return what the caller agreed to and still holds, each with the application's name."""
    session = await own_session(work)
    return await repository.of_person(work.tx, session.person, now=clock.now())


async def withdraw(work: Work, consent_id: UUID) -> int:
    """Take the caller's own consent back and return how many sign-ins ended with it.

    Raises:
        ConsentNotFound: there is none in force, or it is somebody else's.
    """
    session, now = await own_session(work), clock.now()
    client_id = await repository.withdraw(work.tx, consent_id, person=session.person, at=now)
    if client_id is None:
        raise ConsentNotFound
    found = await repository.open_sessions(work.tx, session.person, client_id, now=now)
    ended = sum([await end(work.tx, one, because=_BECAUSE) for one in found])
    await work.record(
        "platform.consent.withdrawn",
        obj=str(consent_id),
        detail={"client": client_id, "sessions_ended": ended},
    )
    return ended
