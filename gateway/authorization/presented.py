"""An access token shown at the desk itself: which it is, and that whoever shows it may."""

from fastapi import Request

from foundation.identity import InvalidToken
from foundation.problems import TenantMismatch, Unauthenticated
from foundation.web.parameters import TENANT_NAMES
from gateway.access import VerifiedAccess
from gateway.dpop.problems import DpopProofRequired
from gateway.dpop.proofs import only
from gateway.state import GatewayState
from gateway.tenants import HEADER, code_of_host

_SCHEMES = ("bearer", "dpop")


async def presented(door: GatewayState, request: Request) -> VerifiedAccess:
    """Return whose token this is, once it and the proof of its key have been judged.

    Raises:
        Unauthenticated: no access token, or one that does not hold (any more).
        DpopProofRequired: it is bound to a key and came as a bearer token, or without a proof.
        DpopProofInvalid: the proof does not hold, or was used before.
        TenantMismatch: host, header or query names another municipality than the token.
        ServiceUnavailable: it cannot be told.
    """
    credentials = request.headers.getlist("authorization")
    scheme, _, token = (credentials[0] if len(credentials) == 1 else "").partition(" ")
    if scheme.lower() not in _SCHEMES:
        raise Unauthenticated
    try:
        access = door.access.verify(token.strip())
    except InvalidToken as error:
        raise Unauthenticated from error
    if door.revocations.is_revoked(access):
        raise Unauthenticated
    if access.jkt is None:
        if scheme.lower() != "bearer":
            raise Unauthenticated  # RFC 9449 §7.1: what is bound to no key is no DPoP token
    elif scheme.lower() != "dpop":
        raise DpopProofRequired
    else:
        await door.proofs.judge(
            only(request.headers.getlist("dpop")),
            method=request.method,
            url=door.proofs.url_of(request.headers.get("host"), request.url.path),
            token=token.strip(),
            jkt=access.jkt,
        )
    _require_own(door, request, access)
    return access


def _require_own(door: GatewayState, request: Request, access: VerifiedAccess) -> None:
    """Refuse a request whose header, host or query names another municipality than the token."""
    tenancy = access.caller.tenancy
    own_number = ("tenant_id", str(int(tenancy.tenant_id)))
    pairs = request.query_params.multi_items()
    named = {value for name, value in pairs if name in TENANT_NAMES and (name, value) != own_number}
    named |= {code.strip() for code in request.headers.getlist(HEADER)}
    by_host = code_of_host(request.headers.get("host"), door.settings.tenant_domain)
    if by_host is not None:
        named.add(by_host)
    if not named <= {str(tenancy.code)}:
        raise TenantMismatch
