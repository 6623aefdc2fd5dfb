"""The public keys of a client, from its registration or from the address it registered."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from pydantic import BaseModel

from infra.identity.clock import Clock
from infra.identity.register import ClientRecord

from .errors import ClientRefused

_KEEP = timedelta(minutes=5)
_LIMIT_BYTES = 65_536
_ABSENT_CAPACITY = 1_000
_LEAST_RSA_BITS = 2048


class _KeySet(BaseModel):
    """RFC 7517 §5; members of a key are read one by one, unknown ones are ignored."""

    keys: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Fetched:
    keys: dict[str, ECKey]
    until: datetime


@dataclass(frozen=True, slots=True)
class EncryptionKey:
    """A client's public key for what only it may read, and the way it is used (RFC 7518 §4)."""

    key: ECKey | RSAKey
    algorithm: str
    kid: str | None

    def seal(self, content: bytes) -> str:
        """A compact JWE (RFC 7516 §7.1) with AES-256-GCM."""
        header = {"alg": self.algorithm, "enc": "A256GCM", "cty": "json"}
        if self.kid is not None:
            header["kid"] = self.kid
        return jwe.encrypt_compact(
            header, content, self.key, algorithms=[self.algorithm, "A256GCM"]
        )


class ClientKeys:
    """Keys by `kid`. A fetched set is kept five minutes, and fetched once more for an unknown kid.

    One kid that the client turned out not to have is remembered as long: asking again and again
    for an invented kid must not make this provider hammer the client.
    """

    def __init__(self, http: httpx.AsyncClient, clock: Clock) -> None:
        self.http = self._http = http
        self._clock = clock
        self._fetched: dict[str, _Fetched] = {}
        self._absent: dict[tuple[str, str], datetime] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def find(self, client: ClientRecord, kid: str) -> ECKey:
        """Raises ClientRefused when the client has no such P-256 key, or cannot be asked."""
        if client.jwks is not None:
            key = _usable(_KeySet.model_validate(client.jwks)).get(kid)
        else:
            key = await self._find_at(client.jwks_uri or "", kid)
        if key is None:
            raise ClientRefused("the assertion's kid is not among the client's ES256 keys")
        return key

    async def _find_at(self, uri: str, kid: str) -> ECKey | None:
        async with self._locks.setdefault(uri, asyncio.Lock()):
            now = self._clock()
            held = self._fetched.get(uri)
            if held is not None and held.until > now:
                known_absent = self._absent.get((uri, kid), now) > now
                if kid in held.keys or known_absent:
                    return held.keys.get(kid)
            keys = await self._fetch(uri)
            self._fetched[uri] = _Fetched(keys, now + _KEEP)
            if kid not in keys:
                self._remember_absent(uri, kid, until=now + _KEEP)
            return keys.get(kid)

    def _remember_absent(self, uri: str, kid: str, *, until: datetime) -> None:
        if len(self._absent) >= _ABSENT_CAPACITY:
            self._absent.clear()
        self._absent[uri, kid] = until

    async def encryption(self, client: ClientRecord) -> EncryptionKey:
        """The key a client wants its secrets encrypted to: read anew, for it is asked for rarely.

        Raises:
            ClientRefused: none is published with `use` enc, or the client cannot be asked.
        """
        if client.jwks is not None:
            published = _KeySet.model_validate(client.jwks)
        else:
            published = await self._document(client.jwks_uri or "")
        for entry in published.keys:
            if entry.get("use") == "enc" and (found := _encryption_key(entry)) is not None:
                return found
        raise ClientRefused("the client publishes no key for encryption (use=enc)")

    async def _fetch(self, uri: str) -> dict[str, ECKey]:
        return _usable(await self._document(uri))

    async def _document(self, uri: str) -> _KeySet:
        try:
            response = await self._http.get(uri, headers={"Accept": "application/json"})
            response.raise_for_status()
            if len(response.content) > _LIMIT_BYTES:
                raise ClientRefused("the client's key set is larger than 64 KiB")
            return _KeySet.model_validate_json(response.content)
        except (httpx.HTTPError, ValueError):
            raise ClientRefused(f"the client's keys could not be fetched from {uri}") from None


def _encryption_key(entry: dict[str, Any]) -> EncryptionKey | None:
    """A P-256 key for ECDH-ES or an RSA key of 2048 bits for RSA-OAEP-256; None for others."""
    if "d" in entry:
        raise ClientRefused("the client publishes a private key")
    with suppress(JoseError, ValueError):
        if (entry.get("kty"), entry.get("crv")) == ("EC", "P-256"):
            return EncryptionKey(ECKey.import_key(entry), "ECDH-ES", entry.get("kid"))
        if entry.get("kty") == "RSA":
            key = RSAKey.import_key(entry)
            if key.public_key.key_size >= _LEAST_RSA_BITS:
                return EncryptionKey(key, "RSA-OAEP-256", entry.get("kid"))
    return None


def _usable(key_set: _KeySet) -> dict[str, ECKey]:
    """The P-256 keys of a set (RFC 7517 §5) by kid.

    Keys of other kinds are passed over, as §5 asks. A private key among them spoils the set: a
    client that publishes one must hear of it in development.
    """
    found: dict[str, ECKey] = {}
    for entry in key_set.keys:
        if "d" in entry:
            raise ClientRefused("the client publishes a private key")
        if (entry.get("kty"), entry.get("crv")) != ("EC", "P-256") or "kid" not in entry:
            continue
        if entry.get("use", "sig") != "sig":
            continue
        with suppress(JoseError, ValueError):
            found[entry["kid"]] = ECKey.import_key(entry)
    return found
