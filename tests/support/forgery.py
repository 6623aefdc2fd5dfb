"""Tokens nobody should believe."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from foundation.identity import SigningKey


def forged(
    claims: Mapping[str, Any],
    *,
    algorithm: str,
    key: SigningKey,
    header: Mapping[str, Any] | None = None,
) -> str:
    """Return a token that is unsigned (`none`), or signed with the public key as a secret."""
    head = {"alg": algorithm, "typ": "JWT", "kid": key.kid, **(header or {})}
    text = f"{_part(json.dumps(head).encode())}.{_part(json.dumps(claims).encode())}"
    secret = json.dumps(key.public()).encode()
    mac = b"" if algorithm == "none" else hmac.digest(secret, text.encode(), hashlib.sha256)
    return f"{text}.{_part(mac)}"


def altered(token: str, **changes: Any) -> str:
    """Return a token with other claims under the old signature."""
    head, body, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return f"{head}.{_part(json.dumps(claims | changes).encode())}.{signature}"


def claims_of(token: str) -> dict[str, Any]:
    """Return what a token says, whether or not anybody should believe it."""
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


def header_of(token: str) -> dict[str, Any]:
    """Return a token's header."""
    head = token.split(".", maxsplit=1)[0]
    return json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))


def _part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
