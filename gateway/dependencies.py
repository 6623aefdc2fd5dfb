"""What an endpoint of the front desk may ask for: the open gateway, and who is calling."""

from collections.abc import Iterable
from typing import Annotated, Any, cast

from fastapi import Depends, Request

from foundation.identity import InvalidToken
from foundation.problems import TenantMismatch, Unauthenticated
from foundation.telemetry import logger
from foundation.web.documents import JsonDocument
from foundation.web.parameters import TENANT_NAMES

from .access import VerifiedAccess
from .state import GatewayState
from .tenants import HEADER, code_of_host

_BEARER = "bearer "
_log = logger(__name__)


def open_door(request: Request) -> GatewayState:
    """Return the state of the gateway this request came to."""
    return cast("GatewayState", request.app.state.door)


Door = Annotated[GatewayState, Depends(open_door)]


def signed_in(request: Request, door: Door) -> VerifiedAccess:
    """Return who calls.

    Raises:
        Unauthenticated: no access token, or one that does not hold (any more).
        TenantMismatch: host, header or query names another municipality than the token.
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
    _require_own(access, named, request.query_params.multi_items())
    return access


def require_own_body(access: VerifiedAccess, document: JsonDocument) -> None:
    """Refuse a body that names another municipality than the token.

    Raises:
        TenantMismatch: it does, at its top level.
    """
    if isinstance(document.content, dict):
        members = cast("dict[str, Any]", document.content).items()
        given = [(name, str(value)) for name, value in members if isinstance(value, str | int)]
        _require_own(access, set(), given)


def _require_own(access: VerifiedAccess, named: set[str], given: Iterable[tuple[str, str]]) -> None:
    tenancy = access.caller.tenancy
    own_number = ("tenant_id", str(tenancy.tenant_id))
    named |= {pair[1] for pair in given if pair[0] in TENANT_NAMES and pair != own_number}
    if not named <= {str(tenancy.code)}:
        _log.warning(
            "tenant mismatch refused",
            place="desk",
            proven=str(tenancy.code),
            client_id=access.caller.principal.client_id,
        )
        raise TenantMismatch


SignedIn = Annotated[VerifiedAccess, Depends(signed_in)]
