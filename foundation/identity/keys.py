"""The keys tokens are signed with: files of mode 0600, and the public halves that services read."""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, Protocol

from cryptography.exceptions import InvalidSignature
from joserfc import jwk, jwt
from joserfc.errors import JoseError

from .compact import PrivateKey, PublicKey, claims_of, encoded_header, signed
from .strict_json import StrictDecoder

Algorithm = Literal["Ed25519", "ES256"]

_MAXIMUM_TOKEN_CHARACTERS = 8_192


class InvalidToken(Exception):
    """A token that must not be believed; the reason is for the log, never for the caller."""


class Pen(Protocol):
    """Whatever signs: one key, or a ring of which one key signs at a time."""

    def sign(self, claims: Mapping[str, Any], *, typ: str) -> str:
        """Return a compact JWS of that type."""
        ...


class SigningKey:
    """A private key of ours. Its `kid` is the RFC 7638 thumbprint."""

    def __init__(self, key: jwk.OKPKey | jwk.ECKey) -> None:
        self._key = key
        self.algorithm: Algorithm = "Ed25519" if isinstance(key, jwk.OKPKey) else "ES256"
        self.kid = key.thumbprint()
        self._headers: dict[str, str] = {}

    @classmethod
    def generate(cls, algorithm: Algorithm) -> "SigningKey":
        if algorithm == "Ed25519":
            return cls(jwk.OKPKey.generate_key("Ed25519"))
        return cls(jwk.ECKey.generate_key("P-256"))

    @classmethod
    def load(cls, path: Path) -> "SigningKey":
        """Read a PKCS#8 PEM file.

        Raises:
            ValueError: the file holds another kind of key than Ed25519 or P-256.
        """
        pem = path.read_bytes()
        for kind in (jwk.OKPKey, jwk.ECKey):
            try:
                return cls(kind.import_key(pem))
            except (JoseError, ValueError, TypeError):
                continue
        raise ValueError(f"{path.name} is neither an Ed25519 nor a P-256 private key.")

    @classmethod
    def load_or_create(cls, path: Path, algorithm: Algorithm) -> "SigningKey":
        """Read the key, or make it once; of two processes that start together, one makes it."""
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            key = cls.generate(algorithm)
            draft = path.with_suffix(f".{key.kid}.draft")
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(key.pem())
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):
                path.hardlink_to(draft)
            draft.unlink()
        return cls.load(path)

    def pem(self) -> bytes:
        return self._key.as_pem(private=True)

    def public(self) -> dict[str, Any]:
        """Return the public JWK, with `kid`, `alg` and `use`."""
        public = self._key.as_dict(private=False)
        return {**public, "kid": self.kid, "alg": self.algorithm, "use": "sig"}

    def sign(self, claims: Mapping[str, Any], *, typ: str) -> str:
        """Return a compact JWS; `typ` keeps one kind of token from passing for another.

        Source: RFC 8725 §3.11.
        """
        header = self._headers.get(typ)
        if header is None:
            named = {"alg": self.algorithm, "typ": typ, "kid": self.kid}
            header = self._headers[typ] = encoded_header(named)
        return signed(header, claims, _private(self._key))

    def sign_with(self, claims: Mapping[str, Any], *, header: Mapping[str, Any]) -> str:
        """Return a compact JWS with a header of the caller's, to which only `alg` is added."""
        named = {"alg": self.algorithm, **header}
        return jwt.encode(named, dict(claims), self._key, algorithms=[self.algorithm])


class KeySet:
    """Public keys, by `kid`. A token that names no key of the set is not believed."""

    def __init__(self, keys: list[dict[str, Any]]) -> None:
        self._keys = {str(key["kid"]): jwk.import_key(key) for key in keys}
        self._judged: dict[tuple[str, str, str], PublicKey] = {}

    @classmethod
    def load(cls, path: Path) -> "KeySet":
        return cls(json.loads(path.read_text("utf-8"))["keys"])

    @classmethod
    def of(cls, *keys: SigningKey) -> "KeySet":
        return cls([key.public() for key in keys])

    def verify(self, token: str, *, typ: str, algorithm: Algorithm) -> dict[str, Any]:
        """Return the claims of a token signed by a key of this set; claims are not yet judged.

        The key is chosen by `kid` from our own set and the algorithm is the caller's, so nothing
        in the token's header can choose either (RFC 8725 §3.1).

        Raises:
            InvalidToken: whatever is wrong with it.
        """
        if len(token) > _MAXIMUM_TOKEN_CHARACTERS or not token.isascii():
            raise InvalidToken("too long or not ASCII")
        # Only a header of ours, and so one of a handful, is ever remembered as judged.
        named = (token.partition(".")[0], typ, algorithm)
        key = self._judged.get(named)
        try:
            claims = claims_of(token, key) if key else self._judge(token, named)
        except (
            *(JoseError, InvalidSignature),
            *(ValueError, TypeError, KeyError, RecursionError),
        ) as error:
            raise InvalidToken(type(error).__name__) from error
        if "nbf" in claims:
            raise InvalidToken("a token of ours is valid from its first second")
        return claims

    def _judge(self, token: str, named: tuple[str, str, Algorithm]) -> dict[str, Any]:
        """Let the library judge a token whole, and remember its header if it is believed."""
        header, typ, algorithm = named
        decoded = jwt.decode(token, self._choose, algorithms=[algorithm], decoder_cls=StrictDecoder)
        if decoded.header.get("typ") != typ:
            raise InvalidToken("another kind of token")
        self._judged[header, typ, algorithm] = _public(self._keys[decoded.header["kid"]])
        return decoded.claims

    def _choose(self, guest: jwk.GuestProtocol) -> Any:
        kid = guest.headers().get("kid")
        key = self._keys.get(kid) if isinstance(kid, str) else None
        if key is None:
            raise InvalidToken("signed by a key that is not ours")
        return key


def _private(key: jwk.OKPKey | jwk.ECKey) -> PrivateKey:
    private = key.private_key
    if not isinstance(private, PrivateKey):
        raise TypeError("Neither an Ed25519 nor a P-256 private key.")
    return private


def _public(key: jwk.Key) -> PublicKey:
    public = key.public_key
    if not isinstance(public, PublicKey):
        raise TypeError("Neither an Ed25519 nor a P-256 key.")
    return public
