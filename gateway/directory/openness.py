"""What is open, for whoever has not signed in: a front end must know the paper route beforehand."""

from fastapi import APIRouter, Depends

from foundation import clock
from foundation.problems import InvalidInput, MalformedRequest
from foundation.web import Listing
from gateway.dependencies import Door
from gateway.descriptions import refusals
from gateway.switches.domain import SERVICES, State, in_force
from gateway.switches.schemas import ClosureRead, NoticeShape, PlaceName, ServiceRead
from gateway.switches.signs import Closures
from gateway.tenants import MunicipalityNotFound

from .endpoints import Code, strict_parameters

router = APIRouter(
    prefix="/platform/v1", tags=["municipalities"], dependencies=[Depends(strict_parameters)]
)


@router.get(
    "/municipalities/{code}/services",
    operation_id="platform_municipality_services",
    summary="自治体のサービスの休止状況と、紙で手続きできる窓口",
    responses=refusals(MunicipalityNotFound, MalformedRequest, InvalidInput),
)
async def municipality_services(door: Door, code: Code) -> Listing[ServiceRead]:
    """Say which services are open, until when the others are not, and where to go meanwhile."""
    found = door.tenants.participant(code)
    closures = door.switches.of(str(found.code))
    return Listing[ServiceRead](items=[_service(name, closures) for name in SERVICES])


def _service(name: str, closures: Closures) -> ServiceRead:
    now = clock.now()
    closure = in_force(closures, name, now)
    ahead = [one for one in closures if one.covers(name) and one.starts_at > now]
    return ServiceRead(
        service=PlaceName.of(name),
        state=State.OPEN if closure is None else closure.state,
        until=None if closure is None else closure.ends_at,
        notice=None if closure is None else NoticeShape.of(closure.notice),
        planned=[
            ClosureRead.of(one) for one in sorted(ahead, key=lambda closure: closure.starts_at)
        ],
    )
