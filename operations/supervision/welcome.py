"""What the reader sees once everything stands: where to go, as whom, and what to try next."""

import json
from contextlib import suppress
from typing import Any, cast

from rich.table import Table

from operations.folder import DataFolder
from operations.voice import Voice

from .programmes import Addresses

_NEXT = "./tamaire demo"


def welcome(folder: DataFolder, addresses: Addresses, voice: Voice) -> None:
    """Say it as one panel, or as one JSON object."""
    seconds = round(voice.elapsed_s, 1)
    urls = {
        "gateway": addresses.base_url,
        "documentation": f"{addresses.base_url}/docs",
        "openapi": f"{addresses.base_url}/openapi.json",
        "simulator": addresses.simulator_url,
    }
    accounts = _accounts(folder)
    voice.panel(f"使えます / ready ({seconds} s)", _table(urls, accounts))
    voice.line(f"次に試す / next: {_NEXT}{folder.option}    止める / stop: Ctrl+C")
    voice.answer(
        {
            "ready": True,
            "seconds": seconds,
            "data": str(folder.root),
            "urls": urls,
            "accounts": accounts,
        }
    )


def _table(urls: dict[str, str], accounts: dict[str, list[dict[str, str]]]) -> Table:
    names = ("入口 / gateway", "API の説明 / documentation", "OpenAPI", "認証の模擬 / simulator")
    table = Table.grid(padding=(0, 3))
    for name, url in zip(names, urls.values(), strict=True):
        table.add_row(name, url)
    for card in accounts["residents"]:
        table.add_row(f"住民 / resident {card['municipality_code']}", _signing(card, "PIN"))
    for official in accounts["officials"]:
        table.add_row(f"職員 / official {official['municipality_code']}", _signing(official, ""))
    return table


def _signing(account: dict[str, str], secret_name: str) -> str:
    return f"{account['account']} / {secret_name} {account['secret']}".replace("  ", " ")


def _accounts(folder: DataFolder) -> dict[str, list[dict[str, str]]]:
    """Return one resident and one official of each municipality, from the simulator's own files."""
    return {
        "residents": _first_of_each(folder, "cards", account="card_id", key="pin"),
        "officials": _first_of_each(folder, "officials", account="username", key="password"),
    }


def _first_of_each(
    folder: DataFolder, kind: str, *, account: str, key: str
) -> list[dict[str, str]]:
    entries: list[dict[str, Any]] = []
    with suppress(OSError, ValueError, KeyError):
        text = (folder.simulator / f"{kind}.json").read_text(encoding="utf-8")
        entries = cast("list[dict[str, Any]]", json.loads(text)[kind])
    first: dict[str, dict[str, str]] = {}
    for entry in entries:
        code = str(entry["municipality_code"])
        found = {"municipality_code": code, "account": entry[account], "secret": entry[key]}
        first.setdefault(code, found)
    return list(first.values())
