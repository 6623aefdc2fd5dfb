"""Who acts, and how a service knows it: principals, keys, and the token behind the gateway."""

from .internal_token import InternalTokenIssuer, InternalTokenVerifier
from .keys import InvalidToken, KeySet, SigningKey
from .principal import Caller, Machine, Official, Principal, Purpose, Resident, Role

__all__ = [
    "Caller",
    "InternalTokenIssuer",
    "InternalTokenVerifier",
    "InvalidToken",
    "KeySet",
    "Machine",
    "Official",
    "Principal",
    "Purpose",
    "Resident",
    "Role",
    "SigningKey",
]
