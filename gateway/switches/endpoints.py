"""Switches over HTTP: for the administrator. They stay within reach when everything is shut."""

from typing import Annotated
from uuid import UUID

from fastapi import Path

from foundation import clock
from foundation.web import CurrentWork, IfMatch, Listing, OfficeRouter
from gateway import permissions

from . import service
from .domain import Switch
from .problems import PauseNotFound, SwitchClosed, SwitchIncomplete, SwitchNotFound
from .schemas import PausePlan, PauseRead, PlaceName, SwitchRead, SwitchSet

router = OfficeRouter(prefix="/services", tags=["services"])

Place = Annotated[
    str,
    Path(
        description="サービスの名前。`all` はすべて。",
        # Only described: a name that is none is not found.
        json_schema_extra={"enum": [name.value for name in PlaceName], "examples": ["benefits"]},
    ),
]


@router.get("", permission=permissions.READ_SWITCHES, summary="サービスの休止状況の一覧を見る")
async def list_switches(work: CurrentWork) -> Listing[SwitchRead]:
    """List every switch of the municipality: who touched it last, when and why."""
    return Listing[SwitchRead](items=[_read(one) for one in await service.read_all(work)])


@router.get(
    "/{service_name}/switch",
    permission=permissions.READ_SWITCHES,
    problems=[SwitchNotFound],
    summary="サービスの休止状況を見る",
)
async def read_switch(work: CurrentWork, service_name: Place) -> SwitchRead:
    """Read one switch; its version is what a change must name."""
    return _read(await service.read(work, _place(service_name)))


@router.put(
    "/{service_name}/switch",
    permission=permissions.SWITCH_SERVICE,
    problems=[SwitchNotFound, SwitchClosed, SwitchIncomplete],
    summary="サービスを再開、一時休止、停止する",
)
async def set_switch(
    work: CurrentWork, service_name: Place, body: SwitchSet, version: IfMatch
) -> SwitchRead:
    """Open, restrict, pause or close a service; it holds at every gateway within a second."""
    return _read(
        await service.switch(
            work,
            _place(service_name),
            body.standing(),
            reason=body.reason,
            version=version,
        )
    )


@router.get(
    "/{service_name}/pauses",
    permission=permissions.READ_SWITCHES,
    problems=[SwitchNotFound],
    summary="休止の予定を見る",
)
async def list_pauses(work: CurrentWork, service_name: Place) -> Listing[PauseRead]:
    """List the pauses that lie ahead or are in force, the first to end first."""
    found = await service.planned(work, _place(service_name))
    return Listing[PauseRead](items=[PauseRead.of(one) for one in found])


@router.post(
    "/{service_name}/pauses",
    permission=permissions.SWITCH_SERVICE,
    problems=[SwitchNotFound, SwitchIncomplete],
    status_code=201,
    summary="休止を予定する",
)
async def plan_pause(work: CurrentWork, service_name: Place, body: PausePlan) -> PauseRead:
    """Announce a pause; it begins and ends by itself."""
    return PauseRead.of(
        await service.plan(
            work,
            _place(service_name),
            body.state,
            hours=(body.starts_at, body.ends_at),
            notice=body.notice.notice(),
            reason=body.reason,
        )
    )


@router.delete(
    "/{service_name}/pauses/{pause_id}",
    permission=permissions.SWITCH_SERVICE,
    problems=[SwitchNotFound, PauseNotFound],
    summary="休止の予定を取り消す、または早く終える",
)
async def call_off_pause(work: CurrentWork, service_name: Place, pause_id: UUID) -> PauseRead:
    """Call a pause off, or end it before its time."""
    return PauseRead.of(await service.call_off(work, _place(service_name), pause_id))


def _place(name: str) -> str:
    """Return the place an address names; one with an underscore names none.

    Raises:
        SwitchNotFound: 404.
    """
    try:
        return PlaceName(name).place
    except ValueError as error:
        raise SwitchNotFound from error


def _read(switch: Switch) -> SwitchRead:
    return SwitchRead.of(switch, switch.state_at(clock.now()))
