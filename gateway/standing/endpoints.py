"""One's own standing over HTTP."""

from foundation.web import CurrentWork, OfficeRouter
from gateway import permissions
from gateway.tenants import MunicipalityNotFound

from . import service
from .schemas import MeRead

router = OfficeRouter(prefix="/me", tags=["me"])


@router.get(
    "",
    permission=permissions.READ_OWN_STANDING,
    problems=[MunicipalityNotFound],
    summary="サインイン中の本人",
)
async def me(work: CurrentWork) -> MeRead:
    """Say who is calling; a resident not yet found in the register is told what to do."""
    return await service.describe(work)
