"""What each town has at the platform itself: somebody signed in, and a vendor it gave leave to."""

from foundation.identifiers import new_id
from tests.isolation.matrix.towns import Town

_PATH = "/platform/v1"


async def seed(town: Town) -> None:
    """Open a session and give leave, behind the counter: to sign in is not asked of the office."""
    session, client = new_id(), f"vendor-of-{town.tenancy.code}"
    tenant = town.tenancy.tenant_id
    await town.run(
        "INSERT INTO platform.sessions (tenant_id, id, kind, person, subject, client_id, acr,"
        " auth_time, binding, created_at, expires_at)"
        " VALUES ($1, $2, 'official', $3, $4, 'demo-desk', 'aal2', now(), 'none', now(),"
        " now() + interval '1 hour')",
        tenant,
        session,
        town.canaries.text("人"),
        f"subject-{session}",
    )
    await town.run(
        "INSERT INTO platform.clients (client_id, name, kinds, scopes, sector)"
        " VALUES ($1, $1, '{official}', '{}', $1) ON CONFLICT DO NOTHING",
        client,
    )
    await town.run(
        "INSERT INTO platform.client_grants (tenant_id, client_id, scopes) VALUES ($1, $2, '{}')",
        tenant,
        client,
    )
    town.things |= {"session": str(session), "client": client}
    await town.remember_cursor("access_log_cursor", "resident", f"{_PATH}/access-log")
