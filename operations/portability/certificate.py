"""The certificate of an erasure: a text anybody can read, and check without us.

Ed25519 over the text, as a signed note (C2SP signed-note): the body is JSON, the last line the
signature. The public key is given to the municipality on paper before it is ever needed.
"""

import base64
import binascii
import json
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from foundation.encryption.files import place
from operations.failures import Failure

NAME: Final = "tamaire/erasure"
_ED25519: Final = b"\x01"


class CertificateRefused(Failure):
    """The text is not one that this key signed."""

    def __init__(self) -> None:
        super().__init__(
            "消去証明書の署名が合いません。",
            "The signature does not fit this certificate.",
            remedy_ja="証明書と公開鍵(消去の前に受け取ったもの)を確かめてください。",
            remedy="Check the certificate, and the public key received before the erasure.",
        )


def signed(content: dict[str, Any], *, key: Path) -> str:
    """Return the certificate of these facts; the key is made at the first one."""
    private = _private(key)
    text = json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    public = _marked(private.public_key())
    blob = _hash(public) + private.sign(text.encode())
    return f"{text}\n— {NAME} {base64.b64encode(blob).decode()}\n"


def public_key(key: Path) -> str:
    """Return the public half, as `name+hash+key`."""
    public = _marked(_private(key).public_key())
    return f"{NAME}+{_hash(public).hex()}+{base64.b64encode(public).decode()}"


def checked(certificate: str, *, public: str) -> dict[str, Any]:
    """Return what a certificate says.

    Raises:
        CertificateRefused: this key did not sign it.
    """
    text, _, signature = certificate.rpartition("\n— ")
    try:
        name, encoded = signature.split()
        marked = base64.b64decode(public.strip().split("+", 2)[2], validate=True)
        blob = base64.b64decode(encoded, validate=True)
        if name != NAME or blob[:4] != _hash(marked) or marked[:1] != _ED25519:
            raise CertificateRefused
        Ed25519PublicKey.from_public_bytes(marked[1:]).verify(blob[4:], text.encode())
        said: dict[str, Any] = json.loads(text)
    except (ValueError, IndexError, binascii.Error, InvalidSignature) as error:
        raise CertificateRefused from error
    return said


def _private(key: Path) -> Ed25519PrivateKey:
    key.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not key.exists():
        fresh = Ed25519PrivateKey.generate()
        place(key, fresh.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    found = load_pem_private_key(key.read_bytes(), password=None)
    if not isinstance(found, Ed25519PrivateKey):
        raise ValueError(f"{key.name} holds no Ed25519 key.")  # noqa: TRY004 - its content, not its type
    return found


def _marked(public: Ed25519PublicKey) -> bytes:
    return _ED25519 + public.public_bytes(Encoding.Raw, PublicFormat.Raw)


def _hash(marked: bytes) -> bytes:
    return sha256(NAME.encode() + b"\n" + marked).digest()[:4]
