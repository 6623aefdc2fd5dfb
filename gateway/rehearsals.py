"""Troubles a vendor can call up in the sandbox, to see what her software makes of them.

Everything else there comes from real rules and real data. These few cannot: a service that is
down, or a limit that is reached, is nothing a municipality can be made to have on demand. They are
made at the gateway, before anything is done, and nowhere but in the municipality that is none.
"""

from collections.abc import Callable, Mapping
from typing import Final

from foundation.identifiers import SANDBOX
from foundation.problems import (
    Conflict,
    InternalError,
    InvalidInput,
    PreconditionFailed,
    Problem,
    ServiceUnavailable,
    TooManyRequests,
    Unauthenticated,
)
from gateway.forwarding.problems import UpstreamFailed, UpstreamTimeout

HEADER: Final = b"tamaire-sandbox-outcome"

_CHALLENGE: Final = {"WWW-Authenticate": 'DPoP error="invalid_token"'}
_FAULT: Final = {
    "pointer": "/",
    "detail": "Rehearsed, as asked for by Tamaire-Sandbox-Outcome.",
    "detail_ja": "Tamaire-Sandbox-Outcome の指定による模擬の誤りです。",
    "location": "body",
}
OUTCOMES: Final[Mapping[bytes, Callable[[], Problem]]] = {
    b"401": lambda: Unauthenticated(headers=_CHALLENGE),
    b"409": Conflict,
    b"412": PreconditionFailed,
    b"422": lambda: InvalidInput(errors=[_FAULT]),
    b"429": lambda: TooManyRequests(headers={"Retry-After": "2"}),
    b"500": InternalError,
    b"502": UpstreamFailed,
    b"503": lambda: ServiceUnavailable(headers={"Retry-After": "2"}),
    b"504": UpstreamTimeout,
}
"""What can be asked for by status, as it would come in earnest."""


def rehearse(code: str, wished: bytes | None) -> None:
    """Refuse a request as wished; elsewhere than in the sandbox, and without a wish, do nothing.

    Raises:
        Problem: the trouble that was called up.
    """
    if wished is None or code != SANDBOX:
        return
    trouble = OUTCOMES.get(wished)
    if trouble is not None:
        raise trouble()
