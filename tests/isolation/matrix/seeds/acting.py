"""Who waits at each town's counter, and who may act for whom there."""

from uuid import UUID

from foundation.identifiers import new_id
from tests.isolation.matrix.towns import RESIDENT, Town
from tests.support.callers import a_resident

_RIGHTS = {
    "confirmed": "requested",
    "declined": "requested",
    "ended": "active",
    "revoked": "active",
}
"""What befalls a right, and the state in which it waits for it."""
_SLIPS = ("found", "bound", "declined", "confirmed", "succeeding", "helper", "asked", "drafted")


async def seed(town: Town) -> None:
    """Show codes to people, bind one resident, and record rights in every state."""
    for name in _SLIPS:
        town.things |= await _slip(town, name)
    own = await town.made(RESIDENT, "POST", "/platform/v1/counter-slips")
    town.things["own_slip"] = own["id"]
    await _bound_before(town)
    for name, state in _RIGHTS.items():
        town.things[f"{name}_right"] = await _right(town, state)
    await town.remember_cursor(
        "representation_requests_cursor", "clerk", "/platform/v1/representations/requests"
    )


async def _slip(town: Town, name: str) -> dict[str, str]:
    """Sign somebody in and have them shown a code."""
    session = new_id()
    await town.run(
        "INSERT INTO platform.sessions (tenant_id, id, kind, person, subject, client_id, acr,"
        " auth_time, binding, created_at, expires_at) VALUES ($1, $2, 'resident', $3, $4,"
        " 'demo-portal', 'aal3', now(), 'unmatched', now(), now() + interval '1 hour')",
        town.tenancy.tenant_id,
        session,
        town.canaries.text(f"窓口の{name}"),
        f"{name}-1",
    )
    person = a_resident(None, subject=f"{name}-1", session_id=str(session))
    shown = (
        await town.clients["platform"]
        .as_(person, tenancy=town.tenancy)
        .post("/platform/v1/counter-slips")
    )
    assert shown.status_code == 201, shown.text
    return {f"{name}_slip": shown.json()["id"], f"{name}_code": shown.json()["code"]}


async def _bound_before(town: Town) -> None:
    """Bind the resident under an earlier card, and let slips wait for what can befall them."""
    tenant, resident = town.tenancy.tenant_id, UUID(town.things["resident"])
    await town.run(
        "INSERT INTO platform.resident_bindings (tenant_id, subject, resident_id, grade, bound_at,"
        " attributes_hash) SELECT tenant_id, person, $3, 'exact', now(), $4"
        " FROM platform.sessions WHERE tenant_id = $1 AND id = $2::text::uuid"
        " ON CONFLICT DO NOTHING",
        tenant,
        getattr(town.principal(RESIDENT), "session_id", ""),
        resident,
        resident.bytes,
    )
    await town.run(
        "INSERT INTO platform.resident_bindings (tenant_id, subject, resident_id, grade, bound_at)"
        " VALUES ($1, $2, $3::text::uuid, 'official', now())",
        tenant,
        town.canaries.text("以前の人"),
        town.things["protected"],
    )
    await town.run(
        "INSERT INTO platform.representation_bars (tenant_id, represented_id, barred_id,"
        " recorded_by, recorded_at)"
        " VALUES ($1, $2::text::uuid, $3::text::uuid, 'somebody', now())",
        tenant,
        town.things["protected"],
        town.things["taxed"],
    )
    await town.run(
        "UPDATE platform.counter_slips SET candidate_id = $3, attributes_hash = $4"
        " WHERE tenant_id = $1 AND id = $2::text::uuid",
        tenant,
        town.things["succeeding_slip"],
        resident,
        resident.bytes,
    )
    await town.run(
        "UPDATE platform.counter_slips SET state = 'awaiting_second', resident_id = $3,"
        " first_by = 'somebody', evidence = 'passport' WHERE tenant_id = $1"
        " AND id = $2::text::uuid",
        tenant,
        town.things["confirmed_slip"],
        resident,
    )


async def _right(town: Town, state: str) -> str:
    right = new_id()
    await town.run(
        "INSERT INTO platform.representations (tenant_id, id, represented_id, holder_person, kind,"
        " ground, relationship, acts, evidence, state, starts_on, ends_on, recorded_by,"
        " recorded_at, changed_at) VALUES ($1, $2, $3::text::uuid, $4, 'voluntary', 'mandate', $5,"
        " '{benefits.see}', 'mandate_letter', $6, current_date, current_date + 30, $7, now(),"
        " now())",
        town.tenancy.tenant_id,
        right,
        town.things["resident"],
        town.canaries.text("代理人"),
        town.canaries.text("続柄"),
        state,
        town.canaries.text("登録者"),
    )
    return str(right)
