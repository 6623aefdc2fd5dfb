"""Who acts, and how a service knows it: principals, keys, and the token behind the gateway."""

from .claims import claims_of, principal_from
from .internal_token import InternalTokenIssuer, InternalTokenVerifier
from .keys import InvalidToken, KeySet, SigningKey
from .principal import (
    NEVER_LENT,
    Assistance,
    Business,
    BusinessRole,
    Caller,
    Machine,
    Official,
    Person,
    Principal,
    Purpose,
    Representation,
    RepresentationKind,
    Resident,
    Role,
    name_of,
)

__all__ = [
    "NEVER_LENT",
    "Assistance",
    "Business",
    "BusinessRole",
    "Caller",
    "InternalTokenIssuer",
    "InternalTokenVerifier",
    "InvalidToken",
    "KeySet",
    "Machine",
    "Official",
    "Person",
    "Principal",
    "Purpose",
    "Representation",
    "RepresentationKind",
    "Resident",
    "Role",
    "SigningKey",
    "claims_of",
    "name_of",
    "principal_from",
]
