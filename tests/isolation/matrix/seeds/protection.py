"""What each town has of protection: measures at every step, and looks at an address in waiting."""

from typing import Any

from foundation.identity import Purpose
from tests.isolation.matrix.towns import Town

_PATH = "/registry/v1"
_WHY = Purpose.REGISTRATION
_MEASURES = ("measure", "measure_to_provide", "measure_to_join", "measure_to_propose")


async def protect(town: Town) -> None:
    """Let a measure stand at the beginning of each step, and requests before each of theirs."""
    town.things["measure_of_hidden"] = await _applied(town, "hidden")
    for name in _MEASURES:
        town.things[name] = await _applied(town)
    town.things["measure_to_decide"] = await _proposed(town)
    town.things["measure_to_extend"] = await _near_its_end(town)
    town.things["opening_to_decide"] = await _asked(town)
    town.things["opening_to_view"] = await _allowed(town)
    alerts = await town.made("registrar", "GET", f"{_PATH}/protection-alerts", purpose=_WHY)
    town.things["alert"] = alerts["items"][0]["id"]
    for name in ("measures", "openings", "alerts"):
        await _second_page(town, name)
    # Whoever reads the matrix has no time limit; and nothing is to happen here by itself.
    await town.run(
        "UPDATE registry.address_openings SET until = now() + interval '1 day'"
        " WHERE tenant_id = $1",
        town.tenancy.tenant_id,
    )
    await town.run("DELETE FROM registry.jobs WHERE tenant_id = $1", town.tenancy.tenant_id)


def application(town: Town, resident_id: str) -> dict[str, Any]:
    """Return an application in which every text is a canary."""
    words = town.canaries
    return {
        "persons": [
            {"resident_id": resident_id, "part": "applicant", "relation": words.text("関係")}
        ],
        "perpetrators": [
            {
                "name": words.text("加害者"),
                "address": words.text("所在"),
                "note": words.text("備考"),
            }
        ],
        "notes": words.text("支援措置"),
    }


async def _applied(town: Town, whom: str = "protected") -> str:
    path, body = f"{_PATH}/protection-measures", application(town, town.things[whom])
    made = await town.made("registrar", "POST", path, json=body, purpose=_WHY)
    return str(made["id"])


async def _proposed(town: Town) -> str:
    measure = await _applied(town)
    await town.made(
        "registrar",
        "POST",
        f"{_PATH}/protection-measures/{measure}/proposal",
        json={"act": "grant", "reason": town.canaries.text("起案")},
        purpose=_WHY,
    )
    return measure


async def _near_its_end(town: Town) -> str:
    measure = await _proposed(town)
    await town.made(
        "administrator",
        "POST",
        f"{_PATH}/protection-measures/{measure}/decision",
        json={"decision": "agreed"},
        purpose=_WHY,
    )
    await town.run(
        "UPDATE registry.protection_measures SET ends_on = current_date + 10"
        " WHERE tenant_id = $1 AND id = $2::uuid",
        town.tenancy.tenant_id,
        measure,
    )
    return measure


async def _asked(town: Town) -> str:
    body = {
        "resident_id": town.things["protected"],
        "ground": "court_order",
        "reason": town.canaries.text("調査嘱託"),
    }
    made = await town.made("clerk", "POST", f"{_PATH}/address-openings", json=body, purpose=_WHY)
    return str(made["id"])


async def _allowed(town: Town) -> str:
    opening = await _asked(town)
    await town.made(
        "administrator",
        "POST",
        f"{_PATH}/address-openings/{opening}/decision",
        json={"decision": "agreed"},
        purpose=_WHY,
    )
    return opening


_LISTS = {
    "measures": ("registrar", f"{_PATH}/protection-measures"),
    "openings": ("administrator", f"{_PATH}/address-openings"),
    "alerts": ("registrar", f"{_PATH}/protection-alerts"),
}


async def _second_page(town: Town, name: str) -> None:
    who, path = _LISTS[name]
    page = await town.made(who, "GET", path, params={"limit": "1"}, purpose=_WHY)
    town.things[f"{name}_cursor"] = str(page["next_cursor"])
