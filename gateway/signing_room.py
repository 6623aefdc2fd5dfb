"""What the gateway needs to have documents signed: its keys for it, and whom it believes about it.

A gateway that was told of no authority has no such room: nobody can sign there, and it says so.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import httpx

from foundation.identity import SigningKey
from foundation.identity.jpki import (
    Authorities,
    EncryptionKey,
    RevocationUnavailable,
    SigningApi,
    Trust,
    TrustSettings,
)

_KEY_FILE = "upstream-encryption.pem"


@dataclass(slots=True)
class SigningRoom:
    """The way to the signing API and to the authorities, and the key results are sealed to."""

    encryption: EncryptionKey
    api: SigningApi
    _open: Callable[[], Authorities]
    _authorities: Authorities | None = field(default=None, init=False)

    @classmethod
    def furnished(
        cls,
        settings: TrustSettings,
        *,
        keys: Path,
        key: SigningKey,
        transport: httpx.AsyncBaseTransport,
    ) -> Self:
        """Join the parts.

        Args:
            settings: which authorities are believed.
            keys: the gateway's own key directory.
            key: our proof to providers.
            transport: the way to providers and authorities.
        """
        encryption = EncryptionKey.load_or_create(keys / _KEY_FILE)
        return cls(
            encryption,
            SigningApi(key=key, encryption=encryption, transport=transport),
            lambda: Authorities(Trust.load(settings), transport),
        )

    def authorities(self) -> Authorities:
        """Return the way to the authorities, whose certificates are read when first needed.

        On a developer's machine the authority is made by the first card that is used.

        Raises:
            RevocationUnavailable: a certificate is missing or is none.
        """
        if self._authorities is None:
            try:
                self._authorities = self._open()
            except (OSError, ValueError) as error:
                raise RevocationUnavailable("an authority's certificate") from error
        return self._authorities
