"""What each town's administrators have consented to, and an office that could help them."""

from foundation.database import encode_cursor
from foundation.identifiers import new_id
from tests.isolation.matrix.towns import Town

OFFICE = "012033"
CLEAR_AWAY = f"DELETE FROM platform.tenant_codes WHERE municipality_code = '{OFFICE}'"
"""The directory is everybody's: what was entered for this is taken out of it again."""


async def seed(town: Town) -> None:
    """Leave three proposals: to be looked at, to be confirmed, and to be taken back."""
    await town.run(
        "WITH office AS (INSERT INTO platform.tenants (kind, name, name_kana, prefecture_name,"
        " status) VALUES ('municipality', '応援市', '', '', 'live') RETURNING tenant_id)"
        " INSERT INTO platform.tenant_codes (municipality_code, valid_from, tenant_id)"
        " SELECT $1, '1900-01-03', tenant_id FROM office ON CONFLICT DO NOTHING",
        OFFICE,
    )
    names = ("assistance", "assistance_awaited", "assistance_regretted")
    consents = {name: new_id() for name in names}
    for consent in consents.values():
        await town.run(
            "INSERT INTO platform.assistance_consents (tenant_id, id, office_code, roles, purpose,"
            " ground, starts_on, ends_on, state, proposed_by, proposed_at)"
            " VALUES ($1, $2, $3, '{clerk}', $4, $5, current_date, current_date + 30, 'proposed',"
            " 'chief', now())",
            town.tenancy.tenant_id,
            consent,
            OFFICE,
            town.canaries.text("応援の目的"),
            town.canaries.text("応援の根拠"),
        )
    town.things |= {name: str(consent) for name, consent in consents.items()}
    town.things["assistance_cursor"] = encode_cursor(max(consents.values()))
