"""The end: a resident's token and a resident's records mean nothing in another municipality.

The operations are not listed here but read from the interface description, so one that is added
later is tried as well.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from foundation import clock
from foundation.identifiers import new_id

from .company import Company, Journey
from .players import Player
from .resident import HANAKO
from .signin import resident
from .stage import Answer, Call

OTHERS = {
    "302082": resident("住民 紀野 花子", "kinokawa-hanako", "302082"),
    "131016": resident("住民 千代田 花子", "chiyoda-hanako", "131016"),
}

_FEWEST = 4
"""Fewer operations than this, and the description was not understood."""
_NOT_FOUND = re.compile(r"/problems/[a-z-]+/[a-z-]+-not-found")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A GET operation of the interface that a resident may call."""

    path: str
    parameters: tuple[str, ...]
    query: tuple[str, ...]

    def is_of(self, records: Mapping[str, str]) -> bool:
        """Tell whether it shows something of these records, by their ids."""
        return bool(self.parameters) and set(self.parameters) <= records.keys()

    def filled(self, records: Mapping[str, str]) -> str:
        """Return the path with the resident's own ids, or fresh ones where they have none."""
        return self.path.format(
            **{name: records.get(name, str(new_id())) for name in self.parameters}
        )


async def play(company: Company) -> None:
    """Read her records at home, then try every operation and every id in two other places."""
    records = company.stage.records
    hanako = await company.player(HANAKO)
    operations = await _operations(company)
    own: list[Operation] = []
    for operation in (operation for operation in operations if operation.is_of(records)):
        home = await hanako.get(operation.filled(records), also=(HTTPStatus.NOT_FOUND,))
        if home.status == HTTPStatus.OK:
            own.append(operation)
            home.tell("自分の自治体では読めます(対照)")
        else:
            home.tell("自分の自治体でもまだありません(対照になりません)")
    for code in OTHERS:
        await _knock(company, hanako, operations, code=code)
    for code, identity in OTHERS.items():
        neighbour = await company.player(identity)
        for operation in own:
            await _look_for(neighbour, operation.filled(records), code=code)


async def _operations(company: Company) -> list[Operation]:
    described = await company.stage.make(
        Call(who="住民 北見 花子", method="GET", url="/openapi.json", expect=HTTPStatus.OK)
    )
    found = [
        Operation(
            path=path,
            parameters=_required(item["get"], place="path"),
            query=_required(item["get"], place="query"),
        )
        for path, item in described["paths"].items()
        if "get" in item and _is_for_residents(item["get"])
    ]
    described.must_hold("住民が呼べる参照", holds=len(found) >= _FEWEST, found=len(found))
    described.tell(f"API の説明書から、住民が呼べる参照 {len(found)} 件を拾いました")
    return found


def _is_for_residents(operation: Mapping[str, Any]) -> bool:
    """Tell whether one must be signed in for it, and may be as a resident."""
    ways: list[dict[str, Any]] = operation.get("security", [])
    needs_token = any("tamaire" in way for way in ways)
    return needs_token and "resident" in operation.get("x-callers", ["resident"])


def _required(operation: Mapping[str, Any], *, place: str) -> tuple[str, ...]:
    return tuple(
        parameter["name"]
        for parameter in operation.get("parameters", ())
        if parameter["in"] == place and parameter.get("required")
    )


async def _knock(
    company: Company, hanako: Player, operations: list[Operation], *, code: str
) -> None:
    """Name the other municipality by header, by host and in the query; each is refused."""
    port = company.stage.base_url.rpartition(":")[2]
    ways: dict[str, tuple[dict[str, str], dict[str, str]]] = {
        "ヘッダー": ({"Tamaire-Municipality": code}, {}),
        "ホスト名": ({"Host": f"{code}.localhost:{port}"}, {}),
        "クエリ": ({}, {"municipality_code": code}),
    }
    for operation in operations:
        path = operation.filled(company.stage.records)
        needed = dict.fromkeys(operation.query, clock.today().isoformat())
        for way, (headers, named) in ways.items():
            refused = await hanako.get(
                path, headers=headers, params=needed | named, expect=HTTPStatus.FORBIDDEN
            )
            _must_be_shut(refused, code=code, way=way)


def _must_be_shut(refused: Answer, *, code: str, way: str) -> None:
    refused.must_be_problem("platform/tenant-mismatch")
    refused.tell(
        f"{way}で {code} を名指ししても断られます(トークンは {HANAKO.municipality} だけのもの)"
    )


async def _look_for(neighbour: Player, path: str, *, code: str) -> None:
    """A resident of the other municipality asks for one of hanako's records by its id."""
    missing = await neighbour.get(path, expect=HTTPStatus.NOT_FOUND)
    reason = str(missing["type"])
    missing.must_hold(
        "記録がないという理由", holds=bool(_NOT_FOUND.fullmatch(reason)), found=reason
    )
    missing.tell(f"{code} の住民が番号を知っていても: {missing['title_ja']}")


JOURNEY = Journey(name="strangers", title="ほかの自治体からは何も見えない", play=play)
