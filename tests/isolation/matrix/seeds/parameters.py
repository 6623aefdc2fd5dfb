"""What each town laid down for itself: one value in force, and one that lies ahead."""

from foundation.database import encode_cursor
from foundation.identifiers import new_id
from tests.isolation.matrix.towns import Town


async def seed(town: Town) -> None:
    """Enter both behind the counter, with a reason that only this town knows."""
    values = {"parameter_value_in_force": new_id(), "parameter_value": new_id()}
    for value, starts_on in zip(values.values(), ("2026-01-01", "2098-01-01"), strict=True):
        await town.run(
            "INSERT INTO platform.parameter_values (tenant_id, id, key, starts_on, value, reason,"
            " entered_by, entered_at, state) VALUES ($1, $2, 'platform.slip_days',"
            " $3::text::date, '8', $4, 'chief', now(), 'standing')",
            town.tenancy.tenant_id,
            value,
            starts_on,
            town.canaries.text("設定の理由"),
        )
    town.things |= {name: str(value) for name, value in values.items()}
    town.things["parameter_values_cursor"] = encode_cursor(max(values.values()))
