"""What each town pays out: a programme, application and transfer in each of their states."""

import asyncio
from typing import Any

from tests.isolation.matrix.towns import Town
from tests.services.benefits.town import next_banking_day, terms

_PATH = "/benefits/v1"


def account_of(town: Town) -> dict[str, Any]:
    """Return an account that nobody in another town has."""
    return {
        "bank_code": "0001",
        "branch_code": "001",
        "account_type": "ordinary",
        "account_number": town.canaries.account_number,
        "holder_kana": town.canaries.kana,
    }


def terms_of(town: Town, what: str) -> dict[str, Any]:
    """Return the terms of a programme, told in canaries."""
    return terms(
        code=town.canaries.code(what)[:20],
        name=town.canaries.text(what),
        legal_ground=town.canaries.text("要綱"),
    )


async def seed(town: Town) -> None:
    """Take one household through every state a programme can bring it to."""
    await _pay_from(town)
    for what in ("draft", "to-publish"):
        await _define(town, what)
    for what in ("to-close", "to-extract"):
        await _publish(town, what)
    for what in ("offered", "to-decline"):
        await _offer(town, what)
    for what in ("to-change", "to-decide", "to-return"):
        await _confirm(town, what)
    await _send_back(town, "returned")
    for what in ("granted", "to-propose"):
        await _grant(town, what)
    for what in ("to-approve", "to-reject"):
        await _propose(town, what)
    for what in ("to-download", "to-settle"):
        await _seal(town, what)
    taken_out = f"{_PATH}/transfer-proposals/{town.things['proposal_to-settle']}/file"
    await town.ask("treasurer", "GET", taken_out)
    await _remember(town)


async def _pay_from(town: Town) -> None:
    body = {"originator_code": town.canaries.originator_code, "bank_account": account_of(town)}
    headers = {"If-None-Match": "*"}
    await town.made("treasurer", "PUT", f"{_PATH}/payer", json=body, headers=headers)


async def _define(town: Town, what: str) -> str:
    made = await town.made(
        "benefits_officer", "POST", f"{_PATH}/programmes", json=terms_of(town, what)
    )
    town.things[f"programme_{what}"] = made["id"]
    return str(made["id"])


async def _publish(town: Town, what: str) -> str:
    programme = await _define(town, what)
    await town.made("benefits_officer", "POST", f"{_PATH}/programmes/{programme}/publication")
    return programme


async def _offer(town: Town, what: str) -> str:
    programme = await _publish(town, what)
    await town.made("benefits_officer", "POST", f"{_PATH}/programmes/{programme}/roster")
    offers = await town.made("resident", "GET", f"{_PATH}/offers")
    (offer,) = (one for one in offers["items"] if one["programme_id"] == programme)
    town.things[f"application_{what}"] = offer["application_id"]
    return str(offer["application_id"])


async def _confirm(town: Town, what: str) -> str:
    application = await _offer(town, what)
    path = f"{_PATH}/applications/{application}/confirmation"
    made = await town.made("resident", "POST", path, json={"bank_account": account_of(town)})
    town.things[f"version_{what}"] = str(made["version"])
    return application


async def _send_back(town: Town, what: str) -> None:
    await town.made(
        "benefits_officer",
        "POST",
        f"{_PATH}/applications/{await _confirm(town, what)}/return",
        json={"reason": town.canaries.text("補正")},
    )


async def _grant(town: Town, what: str) -> None:
    application = await _confirm(town, what)
    await town.made(
        "benefits_officer",
        "POST",
        f"{_PATH}/applications/{application}/decision",
        json={"decision": "granted", "reason": town.canaries.text("理由")},
    )


async def _propose(town: Town, what: str) -> str:
    await _grant(town, what)
    body = {
        "programme_id": town.things[f"programme_{what}"],
        "transfer_on": str(next_banking_day()),
    }
    path = f"{_PATH}/transfer-proposals"
    made = await town.made("benefits_officer", "POST", path, json=body)
    town.things[f"proposal_{what}"] = made["id"]
    return str(made["id"])


async def _seal(town: Town, what: str) -> None:
    path = f"{_PATH}/transfer-proposals/{await _propose(town, what)}"
    await town.made("treasurer", "POST", f"{path}/approval")
    for _ in range(500):
        if (await town.made("treasurer", "GET", path))["state"] == "sealed":
            return
        await asyncio.sleep(0.02)
    raise AssertionError("The file was not sealed within ten seconds.")


async def _remember(town: Town) -> None:
    for name, who, path in (
        ("programmes_cursor", "benefits_officer", f"{_PATH}/programmes"),
        ("applications_cursor", "benefits_officer", f"{_PATH}/applications"),
        ("proposals_cursor", "treasurer", f"{_PATH}/transfer-proposals"),
        ("benefits_events_cursor", "vendor", f"{_PATH}/events"),
    ):
        await town.remember_cursor(name, who, path)
