"""Reading tokens that others signed: a vendor's assertion of itself, a provider's word on a person.

Our own tokens are read by `keys.KeySet`. What is signed elsewhere arrives with keys of every
kind and habits of every library, so the rules here are stricter: the key comes from a document we
chose, the algorithm from a list we wrote, and nothing in the token's header may choose either
(RFC 8725 §3.1, §3.2, §3.8).
"""

import json
import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NewType, cast

from joserfc import jwk, jwt
from joserfc.errors import JoseError
from joserfc.util import urlsafe_b64decode

from .keys import InvalidToken
from .strict_json import StrictDecoder

VerifiedClaims = NewType("VerifiedClaims", dict[str, Any])
"""Claims whose signature was checked; they cannot be made from raw JSON by mistake."""

ASYMMETRIC = ("ES256", "Ed25519", "EdDSA")
"""What FAPI 2.0 §5.4.1 leaves to choose from, less the RSA no client of ours needs."""

OF_PROVIDERS = ("ES256", "PS256", "RS256")
"""How a provider may sign an ID token; the directories of town halls mostly know RSA."""

_MAXIMUM_TOKEN_CHARACTERS = 16_384  # an ID token may name two hundred groups
_MAXIMUM_KEYS = 20
_LEAST_RSA_BITS = 2_048
_CURVES = {("EC", "P-256"), ("OKP", "Ed25519")}
_FORBIDDEN_HEADERS = frozenset({"jwk", "jku", "x5u", "x5c", "crit", "b64", "zip"})


class ForeignKeys:
    """Public signature keys another party published (RFC 7517): P-256, Ed25519, RSA from 2048.

    Which algorithms they may be used with is the reader's to say; RSA is for providers alone.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        """Keep the keys we can use and ignore those we cannot, as RFC 7517 §5 asks.

        Raises:
            InvalidToken: the document is no key set, publishes a private key, or names a `kid`
                twice, so that a token could be judged by either of two keys.
        """
        keys: object = document.get("keys")
        if not isinstance(keys, list) or len(published := cast("list[Any]", keys)) > _MAXIMUM_KEYS:
            raise InvalidToken("no key set")
        self._keys: dict[str, jwk.Key] = {}
        for key in published:
            if not _is_usable(key):
                continue
            kid = str(key["kid"])
            if kid in self._keys:
                raise InvalidToken("two keys of one name")
            self._keys[kid] = _imported(key)

    def __contains__(self, kid: object) -> bool:
        return kid in self._keys

    def __len__(self) -> int:
        return len(self._keys)

    def verify(
        self, token: str, *, algorithms: Iterable[str], types: frozenset[str | None]
    ) -> VerifiedClaims:
        """Return the claims of a compact JWS; who may say them, and until when, is not yet judged.

        Raises:
            InvalidToken: forged, of another type, or signed in a way we do not accept.
        """
        header = unverified_header(token)
        if _FORBIDDEN_HEADERS & header.keys():
            raise InvalidToken("a header that would choose its own key")
        if header.get("typ") not in types:
            raise InvalidToken("another kind of token")
        key = self._keys.get(str(header.get("kid")))
        if key is None:
            raise UnknownKey("signed by a key we do not know")
        try:
            decoded = jwt.decode(token, key, algorithms=list(algorithms), decoder_cls=StrictDecoder)
        except (JoseError, ValueError, TypeError, RecursionError) as error:
            raise InvalidToken(type(error).__name__) from error
        return VerifiedClaims(decoded.claims)


class UnknownKey(InvalidToken):
    """The token names a key that was not in the set: its owner may have rotated."""


def unverified_header(token: str) -> dict[str, Any]:
    """Return the header of a compact JWS, to choose a key by and for nothing else.

    Raises:
        InvalidToken: it has none.
    """
    if len(token) > _MAXIMUM_TOKEN_CHARACTERS or not token.isascii() or token.count(".") != 2:  # noqa: PLR2004 - header.payload.signature
        raise InvalidToken("not a compact token")
    return _segment(token, 0)


def unverified_claims(token: str) -> dict[str, Any]:
    """Return what a token says of itself, to find whose keys must judge it.

    Raises:
        InvalidToken: it says nothing that can be read.
    """
    unverified_header(token)
    return _segment(token, 1)


def text_of(claims: VerifiedClaims, name: str, *, limit: int = 255) -> str:
    """Return a claim that must be a text of 1 to `limit` characters.

    Raises:
        InvalidToken: absent, empty, too long or not a text.
    """
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= limit:
        raise InvalidToken(f"no usable {name}")
    return value


def instant_of(claims: VerifiedClaims, name: str) -> datetime:
    """Return a NumericDate claim (RFC 7519 §2).

    Raises:
        InvalidToken: absent, or no instant a clock could show.
    """
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InvalidToken(f"no usable {name}")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise InvalidToken(f"no usable {name}") from error


def audiences_of(claims: VerifiedClaims) -> tuple[str, ...]:
    """Return `aud` as a tuple: one text and a list of one mean the same (RFC 7519 §4.1.3).

    Raises:
        InvalidToken: absent, or not made of texts.
    """
    value: object = claims.get("aud")
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list) or not value:
        raise InvalidToken("no audience")
    named = cast("list[object]", value)
    if not all(isinstance(one, str) for one in named):
        raise InvalidToken("no audience")
    return tuple(str(one) for one in named)


def _segment(token: str, position: int) -> dict[str, Any]:
    try:
        found = json.loads(
            urlsafe_b64decode(token.split(".")[position].encode()), cls=StrictDecoder
        )
    except (ValueError, TypeError, RecursionError) as error:
        raise InvalidToken("unreadable") from error
    if not isinstance(found, dict):
        raise InvalidToken("unreadable")
    return cast("dict[str, Any]", found)


def _is_usable(key: object) -> bool:
    if not isinstance(key, dict):
        return False
    named = cast("dict[str, Any]", key)
    if "d" in named or named.get("kty") == "oct":
        raise InvalidToken("a private key was published")
    return (
        ((named.get("kty"), named.get("crv")) in _CURVES or _is_long_rsa(named))
        and isinstance(named.get("kid"), str)
        and named.get("use", "sig") == "sig"
    )


def _is_long_rsa(key: Mapping[str, Any]) -> bool:
    """Tell whether it is an RSA key of at least 2048 bits (RFC 7518 §3.3)."""
    modulus = key.get("n")
    if key.get("kty") != "RSA" or not isinstance(modulus, str):
        return False
    try:
        number = int.from_bytes(urlsafe_b64decode(modulus.encode()), "big")
    except (ValueError, TypeError):
        return False
    return number.bit_length() >= _LEAST_RSA_BITS


def _imported(key: Any) -> jwk.Key:
    try:
        return jwk.import_key(key)
    except (JoseError, ValueError, TypeError) as error:
        raise InvalidToken("a key that is none") from error
