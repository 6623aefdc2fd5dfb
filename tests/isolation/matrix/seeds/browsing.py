"""What people of each town allowed an application, and where else they are signed in."""

from foundation.identifiers import new_id
from tests.isolation.matrix.towns import RESIDENT, ROLES, Town

_SIGN_IN = (
    "INSERT INTO platform.sessions (tenant_id, id, kind, person, subject, client_id, acr,"
    " auth_time, binding, created_at, expires_at)"
)


async def seed(town: Town) -> None:
    """Sign officials in, and give a resident who is signed in a second sign-in and a consent."""
    tenant = town.tenancy.tenant_id
    for role in ROLES:
        principal = town.principal(role)
        await town.run(
            f"{_SIGN_IN} VALUES ($1, $2::text::uuid, 'official', $3, $4, 'demo-desk', 'aal2',"
            " now(), 'none', now(), now() + interval '1 hour')",
            tenant,
            getattr(principal, "session_id", ""),
            town.canaries.text(f"職員{role}"),
            principal.subject,
        )
    other, consent = new_id(), new_id()
    resident = getattr(town.principal(RESIDENT), "session_id", "")
    await town.run(
        f"{_SIGN_IN} SELECT tenant_id, $3, kind, person, subject, client_id, acr, auth_time,"
        " binding, created_at, expires_at FROM platform.sessions"
        " WHERE tenant_id = $1 AND id = $2::text::uuid",
        tenant,
        resident,
        other,
    )
    await town.run(
        "INSERT INTO platform.consents (tenant_id, id, person, client_id, asked, given, given_at,"
        " expires_at) SELECT tenant_id, $3, person, client_id, '{openid}', '{openid}', now(),"
        " now() + interval '1 year' FROM platform.sessions"
        " WHERE tenant_id = $1 AND id = $2::text::uuid",
        tenant,
        resident,
        consent,
    )
    town.things |= {"own_sign_in": str(other), "consent": str(consent)}
