"""The signature of a token of ours, made and checked without asking again what is known already.

A header of our own tokens is one of a handful of texts. The library judges each of them once, with
everything a header can get wrong; of the thousands of tokens that then come with the very same
header only the signature and the claims are new (RFC 7515 §5, RFC 7518 §3.4, RFC 8037 §3.1).
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any, Final, cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.hashes import SHA256

from .strict_json import StrictDecoder

PublicKey = EllipticCurvePublicKey | Ed25519PublicKey
PrivateKey = EllipticCurvePrivateKey | Ed25519PrivateKey

_ES256: Final = ECDSA(SHA256())
_HALF: Final = 32
_SIGNATURE_BYTES: Final = 64
_DECODER: Final = StrictDecoder()


def claims_of(token: str, key: PublicKey) -> dict[str, Any]:
    """Return the claims of a token whose header was judged before, if the key signed it.

    Raises:
        InvalidSignature: it did not.
        ValueError: the token has not three parts of proper base64url, or no object of claims.
    """
    signed, _, signature = token.rpartition(".")
    _, mark, payload = signed.partition(".")
    if not mark or "." in payload:
        raise ValueError("a token has three parts")
    _check(key, _decoded(signature), signed.encode("ascii"))
    # Its spelling is part of what was signed, so nobody can have changed it.
    raw = urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    claims: object = _DECODER.decode(raw.decode("utf-8"))
    if not isinstance(claims, dict):
        raise ValueError("claims are an object")  # noqa: TRY004 - one kind of refusal for all
    return cast("dict[str, Any]", claims)


def signed(header: str, claims: Mapping[str, Any], key: PrivateKey) -> str:
    """Return a token with a header that is encoded already."""
    text = json.dumps(claims, ensure_ascii=False, separators=(",", ":"))
    content = f"{header}.{_encoded(text.encode())}"
    return f"{content}.{_encoded(_sign(key, content.encode('ascii')))}"


def encoded_header(header: Mapping[str, Any]) -> str:
    """Return a header as it stands in a token."""
    return _encoded(json.dumps(header, separators=(",", ":")).encode())


def _check(key: PublicKey, signature: bytes, content: bytes) -> None:
    if len(signature) != _SIGNATURE_BYTES:
        raise InvalidSignature
    if isinstance(key, Ed25519PublicKey):
        key.verify(signature, content)
        return
    half = int.from_bytes(signature[:_HALF], "big"), int.from_bytes(signature[_HALF:], "big")
    key.verify(encode_dss_signature(*half), content, _ES256)


def _sign(key: PrivateKey, content: bytes) -> bytes:
    if isinstance(key, Ed25519PrivateKey):
        return key.sign(content)
    r, s = decode_dss_signature(key.sign(content, _ES256))
    return r.to_bytes(_HALF, "big") + s.to_bytes(_HALF, "big")


def _encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _decoded(text: str) -> bytes:
    """Return the bytes of a part; one content has one spelling here.

    Raises:
        ValueError: padded, or with characters or trailing bits that the encoding would not have.
    """
    raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if _encoded(raw) != text:
        raise ValueError("not the one spelling of its content")
    return raw
