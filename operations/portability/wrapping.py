"""The municipality's passphrase, and how it closes keys and vouches for the manifest.

scrypt (RFC 7914) makes two keys of the passphrase, at a cost of 128 MiB for each guess. The first
closes the municipality's keys with AES-256-GCM, bound to the very manifest they came with; the
second signs that manifest with HMAC-SHA256, so that nobody without the passphrase changes a file.
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .refusals import FileChanged, PassphraseTooShort, WrongPassphrase

LEAST_CHARACTERS: Final = 16
_COST: Final = {"n": 2**17, "r": 8, "p": 1}
_MOST: Final = {"n": 2**20, "r": 16, "p": 4}
_MEMORY_BYTES: Final = 2**31 - 1
_NONCE_BYTES: Final = 12
_CHECK: Final = b"tamaire tenant export 1"

Keys = Mapping[str, Mapping[str, bytes]]
"""Of each service the municipality's key files, by name."""


@dataclass(frozen=True, slots=True)
class _Pair:
    closing: bytes
    vouching: bytes


def close(keys: Keys, *, manifest: bytes, passphrase: str) -> bytes:
    """Return the document that holds the keys, closed, and vouches for the manifest.

    Raises:
        PassphraseTooShort: it could be guessed.
    """
    if len(passphrase) < LEAST_CHARACTERS:
        raise PassphraseTooShort(LEAST_CHARACTERS)
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(_NONCE_BYTES)
    pair = _pair(passphrase, salt=salt, cost=_COST)
    clear = json.dumps(
        {
            service: {name: _text(content) for name, content in files.items()}
            for service, files in keys.items()
        }
    ).encode()
    closed = AESGCM(pair.closing).encrypt(nonce, clear, hashlib.sha256(manifest).digest())
    document = {
        "kdf": {"name": "scrypt", **_COST, "salt": _text(salt)},
        "cipher": "AES-256-GCM",
        "nonce": _text(nonce),
        "keys": _text(closed),
        "check": _mac(pair, _CHECK),
        "manifest_hmac_sha256": _mac(pair, manifest),
    }
    return json.dumps(document, indent=2).encode()


def open_(document: bytes, *, manifest: bytes, passphrase: str) -> dict[str, dict[str, bytes]]:
    """Return the keys.

    Raises:
        WrongPassphrase: it is another one.
        FileChanged: the manifest or the document itself is not what was written.
    """
    try:
        said: dict[str, Any] = json.loads(document)
        pair = _pair(passphrase, salt=_bytes(said["kdf"]["salt"]), cost=said["kdf"])
        if not hmac.compare_digest(str(said["check"]), _mac(pair, _CHECK)):
            raise WrongPassphrase
        if not hmac.compare_digest(str(said["manifest_hmac_sha256"]), _mac(pair, manifest)):
            raise FileChanged("manifest.json")
        clear = AESGCM(pair.closing).decrypt(
            _bytes(said["nonce"]), _bytes(said["keys"]), hashlib.sha256(manifest).digest()
        )
    except (InvalidTag, KeyError, TypeError, ValueError) as error:
        raise FileChanged("keys.json") from error
    return {
        service: {name: _bytes(content) for name, content in files.items()}
        for service, files in json.loads(clear).items()
    }


def _pair(passphrase: str, *, salt: bytes, cost: Mapping[str, Any]) -> _Pair:
    """Derive the two keys; a document that asks for more than any of ours is refused."""
    asked = {name: int(cost[name]) for name in _MOST}
    if any(asked[name] > most for name, most in _MOST.items()):
        raise ValueError("This document asks for more work than any of ours.")
    material = hashlib.scrypt(
        passphrase.encode(), salt=salt, dklen=64, maxmem=_MEMORY_BYTES, **asked
    )
    return _Pair(material[:32], material[32:])


def _mac(pair: _Pair, content: bytes) -> str:
    return hmac.digest(pair.vouching, content, hashlib.sha256).hex()


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
