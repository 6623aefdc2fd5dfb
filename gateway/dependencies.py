"""What an endpoint of the front desk may ask for: the open gateway, and who is calling."""

from typing import Annotated, cast

from fastapi import Depends, Request

from foundation.identity import InvalidToken
from foundation.problems import TenantMismatch, Unauthenticated

from .access import VerifiedAccess
from .state import GatewayState
from .tenants import HEADER, code_of_host

_BEARER = "bearer "


def open_door(request: Request) -> GatewayState:
    """Return the state of the gateway this request came to."""
    return cast("GatewayState", request.app.state.door)


Door = Annotated[GatewayState, Depends(open_door)]


def signed_in(request: Request, door: Door) -> VerifiedAccess:
    """Return who calls.

    Raises:
        Unauthenticated: no access token, or one that does not hold (any more).
        TenantMismatch: the host or the header names another municipality than the token.
        RevocationsUnknown: it cannot be told whether the token still holds.
    """
    credentials = request.headers.getlist("authorization")
    if len(credentials) != 1 or not credentials[0].lower().startswith(_BEARER):
        raise Unauthenticated
    try:
        access = door.access.verify(credentials[0][len(_BEARER) :])
    except InvalidToken as error:
        raise Unauthenticated from error
    if door.revocations.is_revoked(access):
        raise Unauthenticated
    named = set(request.headers.getlist(HEADER))
    if (
        by_host := code_of_host(request.headers.get("host"), door.settings.tenant_domain)
    ) is not None:
        named.add(by_host)
    if not named <= {str(access.caller.tenancy.code)}:
        raise TenantMismatch
    return access


SignedIn = Annotated[VerifiedAccess, Depends(signed_in)]
