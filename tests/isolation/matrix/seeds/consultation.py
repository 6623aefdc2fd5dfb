"""What each town has in confidence: cases in each state, with somebody's words in them."""

from typing import Any

from tests.isolation.matrix.towns import Town

_PATH = "/consultation/v1"
COLLEAGUE = "official-colleague"

_WITH_COLLEAGUE = ("to_hand_over", "to_change_member", "to_remove_member")


def a_consultee(town: Town) -> dict[str, Any]:
    """Return an intake of somebody who is in no register."""
    return {
        "theme": "housing",
        "confidentiality": "ordinary",
        "consultee": {
            "name": town.canaries.text("相談者"),
            "contact": town.canaries.text("連絡先"),
        },
    }


def a_contact(town: Town) -> dict[str, Any]:
    """Return what is recorded of one contact."""
    return {
        "kind": "office",
        "occurred_at": "2026-11-20T10:00:00+09:00",
        "text": town.canaries.text("支援経過"),
    }


async def seed(town: Town) -> None:
    """Open a case for every act there is, each led by the same counsellor."""
    for what in ("read", "to_classify", "to_activate", *_WITH_COLLEAGUE):
        await _open(town, what)
    for what in ("to_close", "to_reopen"):
        await _open(town, what)
        await _move(town, what, "activation")
    await _move(town, "to_reopen", "closure")
    registered = {"resident_id": town.things["resident"], "consultee": None}
    await _open(town, "registered", **registered)
    for what in _WITH_COLLEAGUE:
        path = f"{_PATH}/cases/{town.things[f'case_{what}']}/members/{COLLEAGUE}"
        made = await town.made(
            "counsellor", "PUT", path, json={"role": "worker"}, headers=_if_match(town, what)
        )
        town.things[f"case_version_{what}"] = str(made["version"])
    await _record(town)
    await town.remember_cursor("cases_cursor", "counsellor", f"{_PATH}/cases")
    await town.remember_cursor("consultation_events_cursor", "vendor", f"{_PATH}/events")


async def _open(town: Town, what: str, **changes: Any) -> None:
    body = {name: value for name, value in (a_consultee(town) | changes).items() if value}
    made = await town.made("counsellor", "POST", f"{_PATH}/cases", json=body)
    town.things[f"case_{what}"] = made["id"]
    town.things[f"case_version_{what}"] = str(made["version"])


async def _move(town: Town, what: str, act: str) -> None:
    path = f"{_PATH}/cases/{town.things[f'case_{what}']}/{act}"
    made = await town.made("counsellor", "POST", path, headers=_if_match(town, what))
    town.things[f"case_version_{what}"] = str(made["version"])


async def _record(town: Town) -> None:
    path = f"{_PATH}/cases/{town.things['case_read']}/records"
    for name in ("record", "record_to_correct"):
        made = await town.made("counsellor", "POST", path, json=a_contact(town))
        town.things[name] = made["id"]
    await town.remember_cursor("records_cursor", "counsellor", path)


def _if_match(town: Town, what: str) -> dict[str, str]:
    return {"If-Match": f'"{town.things[f"case_version_{what}"]}"'}
