"""What each town has in its register: a family of whom one is protected, and files that wait."""

from typing import Any

from foundation.identity import Purpose
from tests.isolation.matrix.seeds.protection import protect
from tests.isolation.matrix.towns import Town
from tests.services.registry.files import ORDINARY, a_file

_PATH = "/registry/v1"
_WHY = Purpose.REGISTRATION
_CSV = {"Content-Type": "text/csv; charset=utf-8"}


def a_person(town: Town, place: int, *, household: int = 0, **changes: str) -> dict[str, str]:
    """Return a line of a register in which everything that may be a word is a canary."""
    words = town.canaries
    return {
        **ORDINARY,
        "resident_number": words.resident_number(place),
        "household_number": words.household_number(household),
        "name_formal": words.text("氏名正字"),
        "name_display": words.text("氏名"),
        "name_kana": words.kana,
        "alias": words.text("通称"),
        "name_latin": words.text("LATIN"),
        "address": words.text("住所"),
        "birth_on": words.birth_on if place == 0 else f"1960-01-{place:02}",
        **changes,
    }


def the_family(town: Town) -> list[dict[str, str]]:
    """Return three households; of a child in the second, nobody may know the address.

    Whoever is alone in the third lives at the same address, and asks for protection later.
    """
    words = town.canaries
    away = {"address": words.hidden_address, "postal_code": words.hidden_postal_code}
    child = a_person(
        town,
        1,
        household=1,
        relationship="子",
        birth_on="2012-12-24",
        protection="dv",
        **away,
    )
    alone = a_person(town, 6, household=6, tax_status="taxed", **away)
    mother = a_person(town, 2, household=1, tax_status="taxed", **away)
    return [a_person(town, 0), child, mother, alone]


async def check(town: Town, lines: list[dict[str, str]]) -> dict[str, Any]:
    """Send a file; nothing of it enters the register yet."""
    return await town.made(
        "registrar", "POST", f"{_PATH}/imports", content=a_file(lines).encode(), headers=_CSV
    )


async def seed(town: Town) -> None:
    """Import the family, leave two more files waiting, and remember what can be asked for."""
    report = await check(town, the_family(town))
    assert report["faults"] == [], report
    town.things["import"] = report["id"]
    await town.made(
        "registrar",
        "POST",
        f"{_PATH}/imports/{report['id']}/confirmation",
        json={"accept_faulty_rows": "none"},
    )
    for place, name in ((3, "import_to_confirm"), (4, "import_to_discard")):
        waiting = await check(town, [a_person(town, place, household=place)])
        town.things[name] = waiting["id"]
    await _remember(town)
    await protect(town)


async def _remember(town: Town) -> None:
    everybody = await town.made(
        "registrar",
        "GET",
        f"{_PATH}/residents",
        params={"kana": town.canaries.kana},
        purpose=_WHY,
    )
    town.things["residents_cursor"] = await _second_page(town)
    await town.remember_cursor("registry_events_cursor", "vendor", f"{_PATH}/events")
    await town.remember_cursor("registry_changes_cursor", "vendor", f"{_PATH}/changes")
    people = {one["resident_number"]: one for one in everybody["items"]}
    head = people[town.canaries.resident_number(0)]
    town.things |= {
        "resident": head["id"],
        "household": head["household_id"],
        "protected": people[town.canaries.resident_number(1)]["id"],
        "hidden": people[town.canaries.resident_number(6)]["id"],
        "taxed": people[town.canaries.resident_number(2)]["id"],
        "name": town.canaries.text("氏名"),
        "kana": town.canaries.kana,
        "birth_on": town.canaries.birth_on,
        "address": town.canaries.text("住所"),
    }


async def _second_page(town: Town) -> str:
    query = {"kana": town.canaries.kana, "limit": "1"}
    page = await town.made("registrar", "GET", f"{_PATH}/residents", params=query, purpose=_WHY)
    return str(page["next_cursor"])
