"""Taking back over HTTP."""

from foundation.problems import NotFound
from foundation.web import CurrentWork, OfficeRouter
from gateway import permissions

from . import service
from .schemas import RevocationCreate, RevocationRead

router = OfficeRouter(prefix="/revocations", tags=["revocations"])


@router.post(
    "",
    permission=permissions.REVOKE,
    problems=[NotFound],
    status_code=201,
    summary="サインイン状態や連携先の利用許可を取り消す",
)
async def revoke_access(work: CurrentWork, body: RevocationCreate) -> RevocationRead:
    """Take something back; it is refused everywhere within a second."""
    return await service.take_back(work, body)
