"""What each town was asked by vendors, and whom it let in."""

from foundation.identifiers import new_id
from tests.isolation.matrix.towns import Town

_PATH = "/platform/v1"


async def seed(town: Town) -> None:
    """Let two vendors ask, one of them to be answered; and let in one who can be sent away."""
    tenant, code = town.tenancy.tenant_id, town.tenancy.code
    clients = [f"asker-of-{code}", f"leaver-of-{code}"]
    for client in clients:
        await town.run(
            "INSERT INTO platform.clients (client_id, name, kinds, scopes, sector)"
            " VALUES ($1, $1, '{official}', '{benefits:read}', $1) ON CONFLICT DO NOTHING",
            client,
        )
    requests = [new_id(), new_id()]
    for request, client in zip(requests, clients, strict=True):
        await town.run(
            "INSERT INTO platform.access_requests (tenant_id, id, client_id, scopes, purpose,"
            " state, requested_at) VALUES ($1, $2, $3, '{benefits:read}', $4, 'requested', now())",
            tenant,
            request,
            client,
            town.canaries.text("利用の目的"),
        )
    await town.run(
        "INSERT INTO platform.client_grants (tenant_id, client_id, scopes, granted_by)"
        " VALUES ($1, $2, '{benefits:read}', $3)",
        tenant,
        clients[1],
        town.canaries.text("許可した職員"),
    )
    town.things |= {"access_request": str(requests[0]), "leaver": clients[1]}
    await town.remember_cursor(
        "access_requests_cursor", "administrator", f"{_PATH}/access-requests"
    )
    await town.remember_cursor("client_grants_cursor", "administrator", f"{_PATH}/client-grants")
