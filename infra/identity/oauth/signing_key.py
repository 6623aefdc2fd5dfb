"""A provider's ES256 key: what it signs with, and the public half its clients verify with."""

from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey

from infra.identity.stores import kept_secret

ALGORITHM = "ES256"


class SigningKey:
    """One P-256 key, kept in a private file; its kid is its thumbprint (RFC 7638)."""

    def __init__(self, path: Path) -> None:
        content = kept_secret(path, lambda: ECKey.generate_key("P-256").as_pem(private=True))
        self._key = ECKey.import_key(content, {"use": "sig", "alg": ALGORITHM})
        self._kid = self._key.thumbprint()

    def sign(self, claims: dict[str, Any], *, type_: str) -> str:
        header = {"alg": ALGORITHM, "kid": self._kid, "typ": type_}
        return jwt.encode(header, claims, self._key, algorithms=[ALGORITHM])

    def read(self, token: str) -> jwt.Token:
        """The token's header and claims, its signature verified and nothing else.

        Raises:
            joserfc.errors.JoseError, ValueError: not a token of this key.
        """
        return jwt.decode(token, self._key, algorithms=[ALGORITHM])

    def public(self) -> dict[str, Any]:
        """The key set (RFC 7517 §5)."""
        return {"keys": [self._key.as_dict(private=False) | {"kid": self._kid}]}
