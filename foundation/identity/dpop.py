"""Proof that whoever shows a token holds the key it was given to (RFC 9449).

A token alone can be copied from a log; a proof is made for one request, holds for a minute, and
only who has the private key can make it. This module judges a proof by itself. That it was not
shown before is asked of the database (`gateway/dpop`).
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, cast
from urllib.parse import SplitResult, urlsplit

from joserfc import jwk, jwt
from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry

from foundation import clock

from .jose import StrictDecoder, VerifiedClaims, instant_of, text_of, unverified_header
from .keys import InvalidToken, SigningKey

TYPE = "dpop+jwt"
ALGORITHMS = ("ES256", "Ed25519", "EdDSA", "PS256")
"""What FAPI 2.0 §5.4.1 allows; of EdDSA the curve Ed25519 only, by its old and its new name."""
OLDEST = timedelta(seconds=60)
NEWEST = timedelta(seconds=10)  # FAPI 2.0: accept clocks up to 10 s ahead

_KINDS = {"ES256": ("EC", "P-256"), "Ed25519": ("OKP", "Ed25519"), "EdDSA": ("OKP", "Ed25519")}
_MEMBERS = {"EC": ("crv", "kty", "x", "y"), "OKP": ("crv", "kty", "x"), "RSA": ("e", "kty", "n")}
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_ALLOWED_HEADERS = frozenset({"typ", "alg", "jwk", "kid"})
_MODULUS_BITS = range(2_048, 4_097)  # a longer one would be a way to keep us busy
_PORTS = {"http": 80, "https": 443}


class InvalidProof(InvalidToken):
    """A proof that proves nothing; the reason is for the log, never for the caller."""


class _Spacious(JWSRegistry):
    """A reader with room for the whole of a key in the header: an RSA one has 700 characters."""

    max_header_length = 2_048


@dataclass(frozen=True, slots=True, kw_only=True)
class Possession:
    """A proof that holds; it counts only once its `token_id` has been used up for this key.

    `jkt` is the thumbprint of the key (RFC 7638), `memorable_until` the instant after which this
    same proof would be refused for its age alone.
    """

    jkt: str
    token_id: str
    memorable_until: datetime


def judge(proof: str, *, method: str, url: str, token: str | None = None) -> Possession:
    """Check a proof for one request (RFC 9449 §4.3, steps 2 to 12, but for the replay).

    Args:
        proof: the value of the one `DPoP` header.
        method: of the request, as it was sent.
        url: of the request, at our own address; a query or fragment is not compared.
        token: the access token it comes with, where it comes with one.

    Raises:
        InvalidProof: whatever is wrong with it.
    """
    try:
        key, claims = _opened(proof)
        _judge_request(claims, method=method, url=url)
        if token is not None:
            _judge_token(claims, token)
        issued_at = _judge_time(claims)
        return Possession(
            jkt=key.thumbprint(),
            token_id=text_of(claims, "jti"),
            memorable_until=issued_at + OLDEST + NEWEST,
        )
    except InvalidProof:
        raise
    except InvalidToken as error:
        raise InvalidProof(str(error)) from error


def prove(
    key: SigningKey, *, method: str, url: str, token_id: str, token: str | None = None
) -> str:
    """Return a proof of our own for one request, where it is we who hold the key."""
    claims: dict[str, Any] = {
        "jti": token_id,
        "htm": method,
        "htu": url.partition("?")[0].partition("#")[0],
        "iat": int(clock.now().timestamp()),
    }
    if token is not None:
        claims["ath"] = hash_of(token)
    public = key.public()
    shown = {name: public[name] for name in _MEMBERS[public["kty"]]}
    return key.sign_with(claims, header={"typ": TYPE, "jwk": shown})


def thumbprint_of(key: SigningKey) -> str:
    """Return the name under which tokens are bound to a key of ours (RFC 7638)."""
    return key.kid


def hash_of(token: str) -> str:
    """Return `ath`: SHA-256 of an access token in base64url (RFC 9449 §4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()


def _opened(proof: str) -> tuple[jwk.Key, VerifiedClaims]:
    header = unverified_header(proof)
    if header.get("typ") != TYPE:
        raise InvalidProof("another kind of token")
    if not header.keys() <= _ALLOWED_HEADERS:
        raise InvalidProof("a header that is not looked at here")
    algorithm = header.get("alg")
    if algorithm not in ALGORITHMS:
        raise InvalidProof("an algorithm that is not allowed")
    key = _key_of(header.get("jwk"), algorithm)
    try:
        decoded = jwt.decode(
            proof, key, registry=_Spacious(algorithms=[algorithm]), decoder_cls=StrictDecoder
        )
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise InvalidProof(type(error).__name__) from error
    return key, VerifiedClaims(decoded.claims)


def _key_of(published: object, algorithm: str) -> jwk.Key:
    if not isinstance(published, dict):
        raise InvalidProof("no key")
    named = cast("dict[str, Any]", published)
    if _PRIVATE & named.keys():
        raise InvalidProof("a private key was sent")
    kind = named.get("kty")
    fits = kind == "RSA" if algorithm == "PS256" else (kind, named.get("crv")) == _KINDS[algorithm]
    if not fits:
        raise InvalidProof("a key of another kind than its algorithm")
    members = {name: named.get(name) for name in _MEMBERS[str(kind)]}
    if not all(isinstance(value, str) for value in members.values()):
        raise InvalidProof("half a key")
    return _imported(json.dumps(members, sort_keys=True))


@lru_cache(maxsize=1_024)
def _imported(members: str) -> jwk.Key:
    """Return the key; a client shows the same one with every request."""
    named: Mapping[str, str] = json.loads(members)
    try:
        key = jwk.import_key(dict(named))
    except (JoseError, ValueError, TypeError) as error:
        raise InvalidProof("a key that is none") from error
    if isinstance(key, jwk.RSAKey) and key.public_key.key_size not in _MODULUS_BITS:
        raise InvalidProof("a key of another length")
    return key


def _judge_request(claims: VerifiedClaims, *, method: str, url: str) -> None:
    if text_of(claims, "htm") != method:
        raise InvalidProof("for another method")
    named = text_of(claims, "htu", limit=2_048)
    if named != url and not _same_place(named, url):
        raise InvalidProof("for another address")


def _same_place(named: str, url: str) -> bool:
    """Compare two addresses without query and fragment, letters of scheme and host aside."""
    try:
        return _place(urlsplit(named)) == _place(urlsplit(url))
    except ValueError:
        return False


def _place(parts: SplitResult) -> tuple[str, str | None, int | None, str]:
    if parts.username is not None or parts.password is not None:
        raise ValueError("An address with a user in it is nobody's.")
    port = parts.port or _PORTS.get(parts.scheme)
    return parts.scheme, parts.hostname, port, parts.path or "/"


def _judge_token(claims: VerifiedClaims, token: str) -> None:
    given = text_of(claims, "ath")
    if not hmac.compare_digest(given.encode(), hash_of(token).encode()):
        raise InvalidProof("for another token")


def _judge_time(claims: VerifiedClaims) -> datetime:
    now, issued_at = clock.now(), instant_of(claims, "iat")
    if not now - OLDEST <= issued_at <= now + NEWEST:
        raise InvalidProof("not made just now")
    if "exp" in claims and instant_of(claims, "exp") <= now:
        raise InvalidProof("expired")
    if "nbf" in claims and instant_of(claims, "nbf") > now + NEWEST:
        raise InvalidProof("from the future")
    return issued_at
