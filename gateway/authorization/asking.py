"""Who asks at an OAuth endpoint, for what, in which municipality, and with which key in hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fastapi import Request

from foundation.identity.dpop import InvalidProof
from foundation.problems import Problem
from gateway.clients.domain import Client
from gateway.handles import Handle
from gateway.state import GatewayState
from gateway.tenants import HEADER, Municipality, code_before_sign_in, code_of_host

from .client_authentication import authenticate
from .errors import InvalidDpopProof, InvalidGrant, InvalidRequest
from .forms import form_of
from .requests import scopes_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A request of a proven client; `jkt` is the key it showed a proof of, if it showed one."""

    door: GatewayState
    client: Client
    form: Mapping[str, str] = field(repr=False)
    host: str | None
    named: tuple[str, ...]
    jkt: str | None = None

    @property
    def scopes(self) -> frozenset[str] | None:
        """The scopes asked for, None when the request leaves it to us.

        Raises:
            InvalidScope: one does not exist.
        """
        return scopes_of(self.form["scope"]) if "scope" in self.form else None

    def place(self) -> Municipality:
        """Return the municipality the request is for, named by host or header.

        Raises:
            InvalidRequest: none is named, two are, or one that takes no part.
        """
        try:
            code = code_before_sign_in(
                self.host, self.named, domain=self.door.settings.tenant_domain
            )
            return self.door.tenants.participant(code)
        except Problem as problem:
            raise InvalidRequest(f"{problem.title} {problem.remedy}") from problem

    def handle(self, name: str) -> tuple[Municipality, Handle]:
        """Return a code or token of ours in the form, and whose municipality's it is.

        Raises:
            InvalidGrant: it is none, or redeemed in the name of another municipality.
        """
        handle = Handle.parse(self.form.get(name))
        found = self.door.tenants.find(handle.code) if handle is not None else None
        if handle is None or found is None or not found.takes_part:
            raise InvalidGrant(reason="no handle of ours")
        named = {code.strip() for code in self.named}
        by_host = code_of_host(self.host, self.door.settings.tenant_domain)
        if by_host is not None:
            named.add(by_host)
        if not named <= {str(handle.code)}:
            raise InvalidGrant(reason="redeemed in the name of another municipality")
        return found, handle


async def heard(door: GatewayState, request: Request) -> Asking:
    """Return who asks, once form, client and proof of possession have been judged.

    Raises:
        OAuthError: one of the three does not hold.
        DatabaseProblem: it cannot be told.
    """
    form = await form_of(request)
    client = await authenticate(door, form, credentials=request.headers.get("authorization"))
    return Asking(
        door=door,
        client=client,
        form=form,
        host=request.headers.get("host"),
        named=tuple(request.headers.getlist(HEADER)),
        jkt=await _key_shown(door, request),
    )


async def _key_shown(door: GatewayState, request: Request) -> str | None:
    """Return the thumbprint of the key a DPoP proof shows, if there is a proof (RFC 9449 §5)."""
    proofs = request.headers.getlist("dpop")
    if not proofs:
        return None
    if len(proofs) > 1:
        raise InvalidDpopProof("There is more than one DPoP header.")
    url = door.proofs.url_of(request.headers.get("host"), request.url.path)
    try:
        found = await door.proofs.possession(proofs[0], method=request.method, url=url)
    except InvalidProof as error:
        raise InvalidDpopProof(
            "The DPoP proof does not hold for this request.", reason=f"proof: {error}"
        ) from error
    return found.jkt
