"""Where identity providers say that somebody has signed out there."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from foundation.database import DatabaseProblem
from gateway.authorization.errors import InvalidRequest, OAuthError, TemporarilyUnavailable
from gateway.authorization.forms import NO_STORE, form_of, refusal
from gateway.dependencies import Door
from gateway.descriptions import refusals, with_form
from gateway.tenants import MunicipalityNotFound

from .problems import UpstreamNotFound
from .upstream import hear

router = APIRouter(tags=["oauth"])

_PLACE = Path(description="自治体の 6 桁コード。", examples=["012084"])
_PROVIDER = Path(
    description="resident・business・official、または職員の認証基盤の id。", examples=["official"]
)


def _described() -> dict[str, Any]:
    """Return the form; who brings it proves nothing but the token, so nobody is 'not proven'."""
    form = with_form(["logout_token"], [])
    del form["responses"]["401"], form["parameters"]
    return form


@router.post(
    "/oauth/backchannel-logout/{municipality_code}/{identity_provider}",
    summary="認証基盤からサインアウトの通知を受ける",
    operation_id="platform_upstream_logout",
    responses={
        200: {"description": "受け取り、該当するサインインを終了した。"},
        **refusals(MunicipalityNotFound, UpstreamNotFound),
    },
    response_class=Response,
    openapi_extra=_described(),
)
async def listen(
    request: Request,
    door: Door,
    municipality_code: Annotated[str, _PLACE],
    identity_provider: Annotated[str, _PROVIDER],
) -> Response:
    """End every sign-in begun with the word a provider takes back (Back-Channel Logout §2.5)."""
    place = door.tenants.participant(municipality_code)
    try:
        form = await form_of(request)
        if "logout_token" not in form:
            raise InvalidRequest("logout_token is missing.")
        await hear(door, place, identity_provider, form["logout_token"])
    except OAuthError as error:
        return refusal(error)
    except DatabaseProblem:
        return refusal(TemporarilyUnavailable())
    return Response(status_code=200, headers=NO_STORE)
