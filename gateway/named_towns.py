"""In whose name a sign-in is begun, read as the desk itself will read it.

What is counted against a municipality must be what is done for it: were there a second reading,
somebody could spend one municipality's rate and be counted against another, or against none.
"""

from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import parse_qsl

from foundation.identifiers import MunicipalityCode
from gateway.forwarding.wire import Headers

from .handles import Handle
from .tenants import HEADER, code_of_host


def _of_handle(text: str) -> str | None:
    handle = Handle.parse(text)
    return None if handle is None else handle.code


def _of_name(text: str) -> str | None:
    """Read the name of a request that was left here: a handle at the end of a URN (RFC 9126)."""
    return _of_handle(text.rpartition(":")[2])


_BY_ADDRESS: Final = frozenset({b"/oauth/authorize", b"/oauth/par", b"/session/sign-in"})
"""Where the header or the host says it; whatever else does must say the same there."""
_BY_PARAMETER: Final[Mapping[bytes, tuple[str, Callable[[str], str | None]]]] = {
    b"/oauth/authorize": ("request_uri", _of_name),
    b"/oauth/providers": ("state", _of_handle),
    b"/oauth/continue": ("state", _of_handle),
    b"/oauth/trial": ("link", _of_handle),
    b"/session/sign-in": ("municipality_code", str.strip),
}


def named_town(path: bytes, query: bytes, headers: Headers, *, domain: str) -> str | None:
    """Return the code of the municipality in whose name a sign-in is begun, if one is named.

    It need not exist. Where two are named, the desk refuses before it does anything.

    Args:
        path: where the request goes.
        query: what stands behind the question mark, as it was written.
        headers: the request's fields.
        domain: what stands behind a municipality's code in its own address.
    """
    named: str | None = None
    if path in _BY_ADDRESS:
        named = _first(headers, HEADER) or code_of_host(_first(headers, "host"), domain)
    if named is None and path in _BY_PARAMETER:
        name, read = _BY_PARAMETER[path]
        # The last of several is what counts where several are let through at all.
        parameters = dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True))
        named = read(parameters.get(name, ""))
    return named if named is not None and _is_code(named) else None


def _first(headers: Headers, wanted: str) -> str | None:
    key = wanted.encode()
    return next((value.decode("latin-1").strip() for name, value in headers if name == key), None)


def _is_code(text: str) -> bool:
    try:
        MunicipalityCode.parse(text)
    except ValueError:
        return False
    return True
