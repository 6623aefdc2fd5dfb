"""Proof Key for Code Exchange (RFC 7636): whoever began a sign-in is the one who finishes it."""

import hashlib
import hmac
import re

from gateway.pseudonyms import base64url

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


def is_challenge(text: str | None) -> bool:
    """Say whether this is a SHA-256 in base64url, which is what S256 sends (§4.2)."""
    return text is not None and _CHALLENGE.fullmatch(text) is not None


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of a verifier (§4.2)."""
    return base64url(hashlib.sha256(verifier.encode()).digest())


def answers(challenge: str, verifier: str | None) -> bool:
    """Say whether the verifier is the secret behind the challenge (§4.6)."""
    if verifier is None or _VERIFIER.fullmatch(verifier) is None:
        return False
    return hmac.compare_digest(challenge_of(verifier).encode(), challenge.encode())
