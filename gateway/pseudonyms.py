"""Names that mean something in one municipality and nothing anywhere else.

What a provider calls a person is never written down. It is turned, with a key that lies outside
the database, into a name that holds for one tenant; and that into the name one kind of front end
sees. Two municipalities, or two vendors, who lay their tables side by side find nobody twice.
"""

import base64
import hashlib
import hmac
from typing import Literal

OFFICIALS_SECTOR = "officials"
"""Officials have one name per municipality, whatever front end they use.

The rule of four eyes compares names: with a second front end one official must not become two.
"""

Kind = Literal["resident", "official", "business"]
_OTHERS = {"resident": "residents", "business": "businesses"}
_LEAST_KEY_BYTES = 32


class Pseudonyms:
    """Derives names and one-time secrets; each use of the key is marked, so none can stand in."""

    def __init__(self, key: bytes) -> None:
        """Take the key.

        Raises:
            ValueError: it is shorter than 32 bytes.
        """
        if len(key) < _LEAST_KEY_BYTES:
            raise ValueError("The key of pseudonyms has at least 32 bytes.")
        self._key = key

    def person(self, *, tenant_id: int, issuer: str, subject: str) -> str:
        """Return a person's name within a tenant: the same at every sign-in, nowhere else."""
        return self._derive("person", str(tenant_id), issuer, subject)

    def subject(self, person: str, *, tenant_id: int, kind: Kind, sector: str) -> str:
        """Return the `sub` that front ends of one sector see (OpenID Connect Core §8.1)."""
        shared = OFFICIALS_SECTOR if kind == "official" else f"{_OTHERS[kind]}:{sector}"
        return self._derive("subject", str(tenant_id), shared, person)

    def business(self, anchor: str, *, tenant_id: int) -> str:
        """Return the name of a business within a tenant, the same for all who come for it."""
        return self._derive("business", str(tenant_id), anchor)

    def attributes(self, *parts: str, tenant_id: int) -> bytes:
        """Return 32 bytes that recognise the same card attributes in one town, and tell none."""
        message = self._derive("attributes", str(tenant_id), *parts)
        return hashlib.sha256(message.encode()).digest()

    def upstream_session(self, session: str, *, tenant_id: int, issuer: str) -> bytes:
        """Return 32 bytes that recognise a provider's own session in one town, and tell nothing."""
        message = self._derive("upstream-session", str(tenant_id), issuer, session)
        return hashlib.sha256(message.encode()).digest()

    def nonce(self, state: str) -> str:
        """Return the nonce of the sign-in with this state."""
        return self._derive("nonce", state)

    def verifier(self, state: str) -> str:
        """Return the PKCE verifier of the sign-in with this state: 43 characters (RFC 7636)."""
        return self._derive("verifier", state)

    def csrf(self, session_id: str) -> str:
        """Return what a page must show, beside the cookie, to act within a browser's session.

        It belongs to the session and not to the cookie, so that a second tab goes on working when
        the cookie's value is replaced.
        """
        return self._derive("csrf", session_id)

    def _derive(self, use: str, *parts: str) -> str:
        # Each part is preceded by its length, so that no two lists of parts read the same.
        message = b"".join(
            len(part.encode()).to_bytes(4, "big") + part.encode() for part in (use, *parts)
        )
        return base64url(hmac.digest(self._key, message, hashlib.sha256))


def base64url(data: bytes) -> str:
    """Return base64url without padding (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
