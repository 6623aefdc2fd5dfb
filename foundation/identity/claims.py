"""How a token says who acts: written and read in one place, for both kinds of token we make.

Reading is strict. A claim that is missing, of another type or one too many makes no caller; an
unknown kind of principal is nobody.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from foundation.identifiers import MunicipalityCode

from .keys import InvalidToken
from .principal import (
    Assistance,
    Business,
    BusinessRole,
    Machine,
    Official,
    Principal,
    Representation,
    RepresentationKind,
    Resident,
    Role,
)

Claims = Mapping[str, Any]

_FOR_ANOTHER: Final = frozenset({"act", "representation"})
_FROM_ELSEWHERE: Final = "assistance"
_REPRESENTATIONS: Final[Mapping[str, RepresentationKind]] = {
    "legal": "legal",
    "voluntary": "voluntary",
    "facility": "facility",
}
_BUSINESS_ROLES: Final[Mapping[str, BusinessRole]] = {
    "prime": "prime",
    "member": "member",
    "entry": "entry",
}


def claims_of(principal: Principal) -> dict[str, Any]:
    """Return what a token says of a principal.

    Of somebody who acts for another, `sub` is the represented person and `act` the one who acts
    (RFC 8693 §4.1): a reader who knows nothing of representation mistakes neither for the other.
    """
    claims: dict[str, Any] = {
        "kind": principal.kind,
        "sub": principal.subject,
        "client_id": principal.client_id,
        "scope": " ".join(sorted(principal.scopes)),
    }
    match principal:
        case Machine():
            return claims
        case Resident():
            _add_record(claims, principal)
        case Official():
            claims["roles"] = sorted(principal.roles)
            if (lent := principal.assistance) is not None:
                claims[_FROM_ELSEWHERE] = {
                    "id": str(lent.assistance_id),
                    "office": str(lent.office),
                }
        case Business():
            claims["business_id"] = principal.business_id
            claims["business_role"] = principal.role
    claims["acr"] = principal.acr
    claims["auth_time"] = int(principal.auth_time.timestamp())
    claims["sid"] = principal.session_id
    return claims


def principal_from(claims: Claims) -> Principal:
    """Return who a token's claims name.

    Raises:
        InvalidToken: they name nobody, or contradict each other.
    """
    try:
        reader = _READERS.get(text_in(claims, "kind"))
        if reader is None:
            raise InvalidToken("an unknown kind of principal")
        if reader is not _resident and not _FOR_ANOTHER.isdisjoint(claims):
            raise InvalidToken("only a resident is acted for")
        if reader is not _official and _FROM_ELSEWHERE in claims:
            raise InvalidToken("only an official assists another municipality")
        return reader(claims)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise InvalidToken("claims that make no caller") from error


def text_in(claims: Claims, name: str) -> str:
    """Return a claim that must be a text.

    Raises:
        KeyError: it is missing.
        TypeError: it is of another type.
    """
    value: object = claims[name]
    if not isinstance(value, str):
        raise TypeError(f"{name} is no text")
    return value


def whole_in(claims: Claims, name: str) -> int:
    """Return a claim that must be a whole number; `true` is none.

    Raises:
        KeyError: it is missing.
        TypeError: it is of another type.
    """
    value: object = claims[name]
    if type(value) is not int:
        raise TypeError(f"{name} is no whole number")
    return value


def _add_record(claims: dict[str, Any], principal: Resident) -> None:
    if principal.resident_id is not None:
        claims["resident_id"] = str(principal.resident_id)
    if (held := principal.representation) is not None:
        claims["sub"] = str(held.represented_id)
        claims["act"] = {"sub": principal.subject}
        right: dict[str, str | bool] = {"id": str(held.representation_id), "kind": held.kind}
        if held.may_receive:
            right["may_receive"] = True
        claims["representation"] = right


def _machine(claims: Claims) -> Machine:
    client_id = text_in(claims, "client_id")
    if text_in(claims, "sub") != client_id:
        raise ValueError("a machine is its client and nobody else")
    return Machine(client_id=client_id, scopes=_scopes(claims))


def _official(claims: Claims) -> Official:
    return Official(
        roles=frozenset(Role(role) for role in claims["roles"]),
        assistance=_assistance(claims[_FROM_ELSEWHERE]) if _FROM_ELSEWHERE in claims else None,
        **_signed_in(claims),
    )


def _assistance(lent: dict[str, Any]) -> Assistance:
    if lent.keys() != {"id", "office"}:
        raise ValueError("an assistance of another shape")
    return Assistance(
        assistance_id=UUID(text_in(lent, "id")),
        office=MunicipalityCode.parse(text_in(lent, "office")),
    )


def _business(claims: Claims) -> Business:
    return Business(
        business_id=text_in(claims, "business_id"),
        role=_BUSINESS_ROLES[text_in(claims, "business_role")],
        **_signed_in(claims),
    )


def _resident(claims: Claims) -> Resident:
    record = claims.get("resident_id")
    given: dict[str, Any] = _signed_in(claims)
    if _FOR_ANOTHER.isdisjoint(claims):
        return Resident(resident_id=None if record is None else UUID(record), **given)
    acting, right = claims["act"], claims["representation"]
    if acting.keys() != {"sub"} or right.keys() - {"may_receive"} != {"id", "kind"}:
        raise ValueError("a representation of another shape")
    represented = UUID(text_in(claims, "sub"))
    given["subject"] = text_in(acting, "sub")
    if right.get("may_receive", True) is not True:
        raise ValueError("a leave that is given in so many words, or not at all")
    return Resident(
        **given,
        resident_id=UUID(record),
        representation=Representation(
            representation_id=UUID(text_in(right, "id")),
            represented_id=represented,
            kind=_REPRESENTATIONS[text_in(right, "kind")],
            may_receive="may_receive" in right,
        ),
    )


def _signed_in(claims: Claims) -> dict[str, Any]:
    return {
        "subject": text_in(claims, "sub"),
        "client_id": text_in(claims, "client_id"),
        "scopes": _scopes(claims),
        "acr": text_in(claims, "acr"),
        "auth_time": datetime.fromtimestamp(whole_in(claims, "auth_time"), UTC),
        "session_id": text_in(claims, "sid"),
    }


def _scopes(claims: Claims) -> frozenset[str]:
    return frozenset(text_in(claims, "scope").split())


_READERS: Final[Mapping[str, Callable[[Claims], Principal]]] = {
    "resident": _resident,
    "official": _official,
    "business": _business,
    "machine": _machine,
}
