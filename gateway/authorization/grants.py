"""Which ways of asking for a token there are, and who answers each (RFC 6749 §4).

One table: what is not in it is not offered, and the metadata say exactly what is in it.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from gateway.clients.profiles import (
    AUTHORIZATION_CODE,
    CLIENT_CREDENTIALS,
    REFRESH_TOKEN,
    TOKEN_EXCHANGE,
)

from . import assisting, exchange, service
from .asking import Asking
from .errors import InvalidDpopProof, InvalidRequest, UnauthorizedClient, UnsupportedGrantType
from .issuing import Tokens

Grant = Callable[[Asking], Awaitable[Tokens]]


async def _exchange(asking: Asking) -> Tokens:
    """Give one's own token for another: to act for a person, or in another municipality."""
    if assisting.CONSENT in asking.form:
        return await assisting.assist(asking)
    return await exchange.take_up(asking)


GRANTS: Final[Mapping[str, Grant]] = {
    AUTHORIZATION_CODE: service.redeem_code,
    REFRESH_TOKEN: service.carry_on,
    CLIENT_CREDENTIALS: service.admit_machine,
    TOKEN_EXCHANGE: _exchange,
}


async def give(asking: Asking) -> Tokens:
    """Give tokens in the way that is asked for.

    Raises:
        OAuthError: this way does not exist, is not this client's, or refuses.
    """
    kind = asking.form.get("grant_type")
    if kind is None:
        raise InvalidRequest("grant_type is missing.")
    if kind not in GRANTS:
        raise UnsupportedGrantType
    if kind not in asking.client.grants:
        raise UnauthorizedClient("This client may not use this grant.")
    if asking.jkt is None and asking.client.must_bind:
        raise InvalidDpopProof("This client's tokens are bound to a key: send a DPoP proof.")
    return await GRANTS[kind](asking)
