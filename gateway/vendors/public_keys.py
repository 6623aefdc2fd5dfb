"""The public keys a vendor proves itself with: what is taken, and what such a key is called.

Kept is only what a verifier needs. A private key that was sent by mistake is refused and nowhere
written down, because whoever sent it must make another.
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

MOST_ACTIVE: Final = 2
"""The one in use and its successor: more would only be keys nobody remembers."""

ALGORITHMS: Final = {"P-256": "ES256", "Ed25519": "Ed25519"}

_PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_KID: Final = re.compile(r"[A-Za-z0-9._~-]{1,128}")
_COORDINATE_BYTES: Final = 32
_ACCEPTED_NAMES: Final = {"P-256": ("ES256",), "Ed25519": ("Ed25519", "EdDSA")}

# NIST SP 800-186 §3.2.1.3: the prime and the coefficient of P-256.
_P: Final = 2**256 - 2**224 + 2**192 + 2**96 - 1
_B: Final = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B


class KeyRefused(ValueError):
    """This cannot be a vendor's key; said in both languages, nothing of the key in either."""

    def __init__(self, detail: str, detail_ja: str) -> None:
        super().__init__(detail)
        self.detail = detail
        self.detail_ja = detail_ja


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """A key with its name and, in `jwk`, exactly the members that are kept of it (RFC 7517)."""

    kid: str
    jwk: Mapping[str, str]


def read(given: Mapping[str, Any]) -> PublicKey:
    """Read a JWK: P-256 (ES256) or Ed25519, public half only, for signatures.

    A key without a name is called by its thumbprint (RFC 7638), so that the vendor's library and
    the house find the same name without having agreed on one.

    Raises:
        KeyRefused: it is something else.
    """
    if _PRIVATE & given.keys() or given.get("kty") == "oct":
        raise KeyRefused(
            "This is a private or shared key. It was not stored; make a new one, and send its"
            " public half.",
            "秘密鍵または共有鍵です。保存していません。新しい鍵を作り、公開鍵だけを送ってください。",
        )
    members = _members(given)
    kid = given.get("kid", thumbprint(members))
    if not isinstance(kid, str) or _KID.fullmatch(kid) is None:
        raise KeyRefused(
            "kid must be 1 to 128 letters, digits or ._~- characters.",
            "kid は 1〜128 文字の英数字と ._~- で指定してください。",
        )
    if given.get("use", "sig") != "sig":
        raise KeyRefused("use must be sig.", "use は sig にしてください。")
    curve = members["crv"]
    if given.get("alg", ALGORITHMS[curve]) not in _ACCEPTED_NAMES[curve]:
        raise KeyRefused("alg does not fit the curve.", "alg が曲線と合っていません。")
    return PublicKey(kid=kid, jwk={**members, "kid": kid, "use": "sig", "alg": ALGORITHMS[curve]})


def thumbprint(members: Mapping[str, str]) -> str:
    """Return the SHA-256 thumbprint of a key (RFC 7638 §3)."""
    named = {name: members[name] for name in ("crv", "kty", "x", "y") if name in members}
    text = json.dumps(named, separators=(",", ":"), sort_keys=True)
    return _base64url(hashlib.sha256(text.encode()).digest())


def _members(given: Mapping[str, Any]) -> dict[str, str]:
    match given.get("kty"), given.get("crv"):
        case "EC", "P-256":
            x, y = _coordinate(given, "x"), _coordinate(given, "y")
            if not _is_on_curve(x, y):
                raise KeyRefused(
                    "x and y are no point of P-256.", "x と y が P-256 の点ではありません。"
                )
            return {"kty": "EC", "crv": "P-256", "x": _base64url(x), "y": _base64url(y)}
        case "OKP", "Ed25519":
            return {"kty": "OKP", "crv": "Ed25519", "x": _base64url(_coordinate(given, "x"))}
        case _:
            raise KeyRefused(
                "Only EC keys on P-256 (ES256) and OKP keys on Ed25519 are taken.",
                "使える鍵は P-256 の EC 鍵(ES256)と Ed25519 の OKP 鍵だけです。",
            )


def _coordinate(given: Mapping[str, Any], name: str) -> bytes:
    value = given.get(name)
    text = value if isinstance(value, str) and "=" not in value else "="
    try:
        found = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error) as error:
        raise KeyRefused(
            f"{name} is not base64url.", f"{name} が base64url ではありません。"
        ) from error
    if len(found) != _COORDINATE_BYTES:
        raise KeyRefused(f"{name} must be 32 bytes.", f"{name} は 32 バイトにしてください。")
    return found


def _is_on_curve(x_bytes: bytes, y_bytes: bytes) -> bool:
    x, y = int.from_bytes(x_bytes, "big"), int.from_bytes(y_bytes, "big")
    return x < _P and y < _P and (y * y - (x * x * x - 3 * x + _B)) % _P == 0


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
