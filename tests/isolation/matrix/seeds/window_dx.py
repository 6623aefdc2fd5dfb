"""What each town has at its windows: a queue, and a person in each state of being served."""

from tests.isolation.matrix.towns import Town

_PATH = "/window-dx/v1"
_SERVED = (
    "reception_to_hold",
    "reception_to_resume",
    "reception_to_transfer",
    "reception_to_finish",
    "reception_to_miss",
    "reception_finished",
)


async def seed(town: Town) -> None:
    """Establish two windows, hand out numbers and call all but the last few of them."""
    for name in ("window", "other_window"):
        made = await town.made(
            "administrator",
            "POST",
            f"{_PATH}/windows",
            json={"code": town.canaries.code(name[:5]), "name": town.canaries.text(name)},
        )
        town.things[name] = made["id"]
    for _ in _SERVED:
        await _take(town, "clerk")
    for name in _SERVED:
        path = f"{_PATH}/windows/{town.things['window']}/call-next"
        called = await town.made("clerk", "POST", path)
        town.things[name] = called["reception"]["id"]
    await _act(town, "reception_to_resume", "hold")
    await _act(town, "reception_finished", "completion")
    town.things["reception"] = await _take(town, "resident")
    await _take(town, "clerk")
    await _take(town, "vendor")
    await _remember(town)


async def _take(town: Town, who: str) -> str:
    body = {"window_id": town.things["window"], "matter": town.canaries.text("用件")}
    if who == "clerk":
        body["resident_id"] = town.things["resident"]
    return str((await town.made(who, "POST", f"{_PATH}/receptions", json=body))["id"])


async def _act(town: Town, name: str, act: str) -> None:
    await town.made("clerk", "POST", f"{_PATH}/receptions/{town.things[name]}/{act}")


async def _remember(town: Town) -> None:
    queue = f"{_PATH}/windows/{town.things['window']}/receptions"
    for name, who, path in (
        ("windows_cursor", "clerk", f"{_PATH}/windows"),
        ("receptions_cursor", "clerk", queue),
        ("window_dx_events_cursor", "vendor", f"{_PATH}/events"),
    ):
        await town.remember_cursor(name, who, path)
