"""The public directory over HTTP: asked before anybody has signed in."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.routing import APIRoute

from foundation.database import Page, decode_cursor, page_of
from foundation.identifiers import MunicipalityCode
from foundation.problems import InvalidInput, MalformedRequest
from foundation.web import CursorText, Limit, Listing
from foundation.web.documents import require_readable_query
from foundation.web.parameters import Parameters
from gateway.dependencies import Door
from gateway.descriptions import refusals
from gateway.tenants import Municipality, MunicipalityNotFound

from .schemas import MunicipalityRead


async def strict_parameters(request: Request) -> None:
    """Refuse a parameter this address does not have: a filter never fails in silence."""
    require_readable_query(request)
    route = request.scope.get("route")
    if isinstance(route, APIRoute):
        faults = list(Parameters.of(route.dependant).faults(request))
        if faults:
            raise InvalidInput.of(faults)


Code = Annotated[
    str,
    Path(
        description="全国地方公共団体コード",
        # Only described: a code that cannot be one is not found, like one that never was.
        json_schema_extra={"pattern": "^[0-9]{6}$", "examples": ["012084"]},
    ),
]
router = APIRouter(
    prefix="/platform/v1", tags=["municipalities"], dependencies=[Depends(strict_parameters)]
)


@router.get(
    "/municipalities",
    operation_id="platform_municipalities",
    summary="自治体の一覧",
    responses=refusals(MalformedRequest, InvalidInput),
)
async def municipalities(
    door: Door,
    limit: Limit = 50,
    cursor: CursorText = None,
    prefecture: Annotated[
        str | None, Query(pattern=r"^[0-9]{2}$", description="都道府県コードの上 2 桁")
    ] = None,
    takes_part: Annotated[bool | None, Query(description="利用を開始しているか")] = None,
    *,
    sandbox: Annotated[
        bool, Query(description="試験用の架空の自治体を見る。指定しなければ実在の自治体だけ。")
    ] = False,
) -> Listing[MunicipalityRead]:
    """List every municipality, those that take part and those that do not yet, by code.

    The one that does not exist is shown only to who asks for it.
    """
    after = str(decode_cursor(cursor, str)[0]) if cursor is not None else ""
    found = [
        one
        for one in door.tenants.all()
        if str(one.code) > after
        and one.code.is_sandbox == sandbox
        and (prefecture is None or one.code.startswith(prefecture))
        and (takes_part is None or one.takes_part == takes_part)
    ]
    page: Page[Municipality] = page_of(
        found[: limit + 1], limit=limit, key=lambda one: (str(one.code),)
    )
    return Listing[MunicipalityRead](
        items=[MunicipalityRead.of(one) for one in page.items],
        next_cursor=page.next_cursor,
        has_more=page.has_more,
    )


@router.get(
    "/municipalities/{code}",
    operation_id="platform_municipality",
    summary="自治体の情報",
    responses=refusals(MunicipalityNotFound, MalformedRequest, InvalidInput),
)
async def municipality(door: Door, code: Code) -> MunicipalityRead:
    """Return one municipality; a code that never was answers like one that is not in use."""
    try:
        found = door.tenants.find(MunicipalityCode.parse(code))
    except ValueError as error:
        raise MunicipalityNotFound from error
    if found is None:
        raise MunicipalityNotFound
    return MunicipalityRead.of(found)
