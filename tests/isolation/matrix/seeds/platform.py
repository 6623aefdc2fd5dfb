"""What each town has at the platform itself: somebody signed in, and a vendor it gave leave to."""

import json

from foundation.database import encode_cursor
from foundation.identifiers import new_id
from tests.isolation.matrix.towns import Town

from .acting import seed as seed_acting
from .assistance import seed as seed_assistance
from .browsing import seed as seed_browsing
from .membership import seed as seed_membership
from .parameters import seed as seed_parameters
from .signatures import seed as seed_signatures
from .staff import seed as seed_staff
from .vendors import seed as seed_vendors

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
    # A sign-in goes with its client: where that has leave, it moves to another house as well.
    for name in (client, "demo-desk"):
        await town.run(
            "INSERT INTO platform.clients (client_id, name, kinds, scopes, sector)"
            " VALUES ($1, $1, '{official}', '{}', $1) ON CONFLICT DO NOTHING",
            name,
        )
        await town.run(
            "INSERT INTO platform.client_grants (tenant_id, client_id, scopes)"
            " VALUES ($1, $2, '{}')",
            tenant,
            name,
        )
    await _shut_and_log(town)
    await seed_signatures(town)
    await seed_browsing(town)
    await seed_vendors(town)
    await seed_acting(town)
    await seed_staff(town)
    await seed_membership(town)
    await seed_assistance(town)
    await seed_parameters(town)
    town.things |= {"session": str(session), "client": client}
    await town.remember_cursor("access_log_cursor", "resident", f"{_PATH}/access-log")


async def _shut_and_log(town: Town) -> None:
    """Plan a pause, and let two requests have come through the door."""
    tenant, pause = town.tenancy.tenant_id, new_id()
    await town.run(
        "INSERT INTO platform.planned_pauses (tenant_id, id, place, state, starts_at, ends_at,"
        " notice, planned_by, planned_at, reason) VALUES ($1, $2, 'benefits', 'paused', now(),"
        " now() + interval '2 days', $3::text::jsonb, 'chief', now(), $4)",
        tenant,
        pause,
        json.dumps(_NOTICE),
        town.canaries.text("休止の理由"),
    )
    requests = [new_id(), new_id(), new_id()]
    for request in requests:
        await town.run(
            "INSERT INTO platform.access_logs (tenant_id, id, kind, subject, client_id, service,"
            " operation, status, duration_us, received_bytes, sent_bytes, network, refusal)"
            " VALUES ($1, $2, 'machine', $3, 'x', 'benefits', 'unknown', 200, 1, 0, 0, '', '')",
            tenant,
            request,
            town.canaries.text("仮名"),
        )
    town.things |= {
        "pause": str(pause),
        "logged_request": str(requests[0]),
        "access_logs_cursor": encode_cursor(requests[1]),
    }


_NOTICE = {
    "message_ja": "休止しています。",
    "message_en": "Paused.",
    "paper_route": dict.fromkeys(
        (
            "office_ja",
            "office_en",
            "address_ja",
            "address_en",
            "telephone",
            "hours_ja",
            "hours_en",
        ),
        "0157-23-7111",
    ),
}
