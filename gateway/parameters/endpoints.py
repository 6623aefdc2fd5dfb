"""Settings over HTTP: every value with where it is from, its history, and its drift."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Query

from foundation import clock
from foundation.web import CurrentWork, CursorText, IfMatch, Limit, Listing, OfficeRouter

from . import acts, service
from .problems import (
    ParameterDaysRefused,
    ParameterNotFound,
    ParameterNotOverridable,
    ParameterValueNotFound,
    ParameterValueNotPlanned,
    ParameterValueRefused,
    ParameterValuesOverlap,
)
from .schemas import BesideRead, DifferenceRead, DriftRead, ParameterRead, ValueEnter, ValueRead

router = OfficeRouter(prefix="/parameters", tags=["parameters"])

KeyPath = Annotated[
    str,
    Path(
        description="設定項目の名前",
        # Only described: a name that is none is not found.
        json_schema_extra={
            "pattern": "^[a-z_]{1,30}[.][a-z_]{1,60}$",
            "examples": ["platform.slip_days"],
        },
    ),
]
Day = Annotated[date | None, Query(description="この日の値(日本の日付)。省略すると今日。")]
Against = Annotated[
    Literal["national", "similar"],
    Query(description="national: 国の標準と比べる。similar: 同じ区分の自治体と比べる。"),
]


@router.get("", permission=acts.READ_PARAMETERS, summary="設定値の一覧を、由来とともに見る")
async def list_parameters(work: CurrentWork, day: Day = None) -> Listing[ParameterRead]:
    """List every parameter with what holds on a day, where that is from and why."""
    return Listing[ParameterRead](
        items=[ParameterRead.of(one) for one in await service.read_all(work, day=day)]
    )


@router.get(
    "/drift",
    permission=acts.READ_PARAMETERS,
    summary="国の標準や、同じ区分の自治体との違いを見る",
)
async def read_parameter_drift(work: CurrentWork, against: Against = "national") -> DriftRead:
    """Show where this place differs from the template, or how its class is spread."""
    day = clock.today()
    if against == "national":
        found = await service.differences(work, day=day)
        differences, size_class, similar = [DifferenceRead.of(one) for one in found], None, []
    else:
        size_class, beside = await service.similar(work, day=day)
        differences, similar = [], [BesideRead.of(one) for one in beside]
    return DriftRead(
        against=against,
        day=day,
        differences=differences,
        size_class=size_class,
        similar=similar,
    )


@router.get(
    "/{key}",
    permission=acts.READ_PARAMETERS,
    problems=[ParameterNotFound],
    summary="設定値を、由来とともに見る",
)
async def read_parameter(work: CurrentWork, key: KeyPath, day: Day = None) -> ParameterRead:
    """Read one parameter."""
    return ParameterRead.of(await service.read(work, key, day=day))


@router.get(
    "/{key}/values",
    permission=acts.READ_PARAMETERS,
    problems=[ParameterNotFound],
    summary="設定値の履歴と予定を見る",
)
async def list_parameter_values(
    work: CurrentWork, key: KeyPath, limit: Limit = 50, cursor: CursorText = None
) -> Listing[ValueRead]:
    """List everything this place ever entered, the last first; nothing is ever rewritten."""
    page = await service.history(work, key, cursor=cursor, limit=limit)
    return Listing[ValueRead](
        items=[ValueRead.of(one) for one in page.items],
        next_cursor=page.next_cursor,
        has_more=page.has_more,
    )


@router.post(
    "/{key}/values",
    permission=acts.SET_PARAMETER,
    problems=[
        ParameterNotFound,
        ParameterNotOverridable,
        ParameterValueRefused,
        ParameterDaysRefused,
        ParameterValuesOverlap,
    ],
    status_code=201,
    summary="設定値を、期間を定めて登録する",
)
async def enter_parameter_value(work: CurrentWork, key: KeyPath, body: ValueEnter) -> ValueRead:
    """Let a value hold from a day on, until a day or until the next one begins."""
    return ValueRead.of(await service.enter(work, key, body.wish()))


@router.delete(
    "/{key}/values/{value_id}",
    permission=acts.SET_PARAMETER,
    problems=[ParameterNotFound, ParameterValueNotFound, ParameterValueNotPlanned],
    summary="予定した設定値を取り下げる",
)
async def withdraw_parameter_value(
    work: CurrentWork, key: KeyPath, value_id: UUID, version: IfMatch
) -> ValueRead:
    """Make a planned value not come; what it had superseded holds again."""
    return ValueRead.of(await service.withdraw(work, key, value_id, version=version))
