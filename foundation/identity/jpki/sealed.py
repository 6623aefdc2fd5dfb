"""The key others seal their answers to, and how such an answer is opened (RFC 7516)."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from foundation.identity.keys import InvalidToken

_ALGORITHM = "ECDH-ES"
_ENCRYPTIONS = ("A256GCM", "A128GCM", "A256CBC-HS512", "A128CBC-HS256")
_LONGEST = 262_144


class EncryptionKey:
    """A P-256 key that opens what was sealed to it, and signs nothing."""

    def __init__(self, key: ECKey) -> None:
        self._key = key
        self.kid = key.thumbprint()

    @classmethod
    def generate(cls) -> "EncryptionKey":
        return cls(ECKey.generate_key("P-256"))

    @classmethod
    def load_or_create(cls, path: Path) -> "EncryptionKey":
        """Read the key, or make it once; of two processes that start together, one makes it."""
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            made = cls.generate()
            draft = path.with_suffix(f".{made.kid}.draft")
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(made.pem())
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):
                path.hardlink_to(draft)
            draft.unlink()
        return cls(ECKey.import_key(path.read_bytes()))

    def pem(self) -> bytes:
        return self._key.as_pem(private=True)

    def public(self) -> dict[str, Any]:
        """Return the public JWK, marked for encryption so that no signature is checked with it."""
        public = self._key.as_dict(private=False)
        return {**public, "kid": self.kid, "alg": _ALGORITHM, "use": "enc"}

    def open(self, sealed: str) -> bytes:
        """Return what was sealed to this key.

        Raises:
            InvalidToken: sealed to another key, in a way we did not offer, or altered.
        """
        if len(sealed) > _LONGEST or not sealed.isascii():
            raise InvalidToken("too long or not ASCII")
        try:
            found = jwe.decrypt_compact(sealed, self._key, algorithms=[_ALGORITHM, *_ENCRYPTIONS])
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise InvalidToken(type(error).__name__) from error
        if "zip" in found.protected:
            # A small answer that unpacks into a large one is an attack, and nothing else.
            raise InvalidToken("packed")
        return found.plaintext or b""
