"""The end: a resident's token and a resident's records mean nothing in another municipality.

The operations are not listed here but read from the interface description, so one that is added
later is tried as well.
"""

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

_OWN_PATHS = (
    ("/benefits/v1/applications/{application_id}", "benefits/application-not-found"),
    ("/benefits/v1/programmes/{programme_id}", "benefits/programme-not-found"),
    ("/window-dx/v1/receptions/{reception_id}", "window-dx/reception-not-found"),
    ("/window-dx/v1/windows/{window_id}", "window-dx/window-not-found"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A GET operation of the interface that a resident may call."""

    path: str
    parameters: tuple[str, ...]
    query: tuple[str, ...]

    def filled(self, records: Mapping[str, str]) -> str:
        """Return the path with the resident's own ids, or fresh ones where they have none."""
        return self.path.format(
            **{name: records.get(name, str(new_id())) for name in self.parameters}
        )


async def play(company: Company) -> None:
    """Try every such operation in the name of each other municipality, then her ids there."""
    stage = company.stage
    hanako = await company.player(HANAKO)
    operations = await _operations(company)
    for code in OTHERS:
        await _knock(company, hanako, operations, code=code)
    for code, identity in OTHERS.items():
        neighbour = await company.player(identity)
        await _look_for(neighbour, stage.records, code=code)


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
    described.must_hold("住民が呼べる参照", holds=len(found) > len(_OWN_PATHS), found=len(found))
    described.tell(f"API の説明書から、住民が呼べる参照 {len(found)} 件を拾いました")
    return found


def _is_for_residents(operation: Mapping[str, Any]) -> bool:
    """Tell whether one must be signed in for it, and may be as a resident."""
    needs_token = str(int(HTTPStatus.UNAUTHORIZED)) in operation["responses"]
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
    stage = company.stage
    _, _, port = stage.base_url.rpartition(":")
    ways = {
        "ヘッダー": {"Tamaire-Municipality": code},
        "ホスト名": {"Host": f"{code}.localhost:{port}"},
    }
    for operation in operations:
        path = operation.filled(stage.records)
        for way, headers in ways.items():
            params = dict.fromkeys(operation.query, clock.today().isoformat()) or None
            refused = await hanako.get(
                path, headers=headers, params=params, expect=HTTPStatus.FORBIDDEN
            )
            _must_be_shut(refused, code=code, way=way)


def _must_be_shut(refused: Answer, *, code: str, way: str) -> None:
    refused.must_be_problem("platform/tenant-mismatch")
    refused.tell(
        f"{way}で {code} を名指ししても断られます(トークンは {HANAKO.municipality} だけのもの)"
    )


async def _look_for(neighbour: Player, records: Mapping[str, str], *, code: str) -> None:
    """A resident of the other municipality asks for hanako's records by their ids."""
    for template, slug in _OWN_PATHS:
        parameter = template.rpartition("{")[2].rstrip("}")
        if parameter not in records:
            continue
        missing = await neighbour.get(template.format(**records), expect=HTTPStatus.NOT_FOUND)
        title = missing.must_be_problem(slug)
        missing.tell(f"{code} の住民が番号を知っていても: {title}")


JOURNEY = Journey(name="strangers", title="ほかの自治体からは何も見えない", play=play)
