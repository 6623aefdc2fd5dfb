"""RSA keys of the cards and authorities: 2048 bits with SHA-256, as the real cards carry."""

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from .profile import MINIMUM_RSA_BITS

_EXPONENT = 65537


def new_rsa_key(bits: int = MINIMUM_RSA_BITS) -> rsa.RSAPrivateKey:
    """Fewer `bits` only for the card that shows that a weak key is refused."""
    return rsa.generate_private_key(_EXPONENT, bits)


def private_bytes(key: rsa.RSAPrivateKey) -> bytes:
    """PKCS #8 PEM; what protects it is the mode of the file it goes into."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def read_private(content: bytes) -> rsa.RSAPrivateKey:
    """Raises TypeError when the file holds another kind of key."""
    key = serialization.load_pem_private_key(content, password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("not an RSA key")
    return key


def sign(key: rsa.RSAPrivateKey, message: bytes) -> bytes:
    """RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2): the only scheme the card's applet has."""
    return key.sign(message, padding.PKCS1v15(), hashes.SHA256())


def sign_digest(key: rsa.RSAPrivateKey, digest: bytes) -> bytes:
    """The same over a SHA-256 digest made elsewhere: the document itself never meets the card."""
    return key.sign(digest, padding.PKCS1v15(), Prehashed(hashes.SHA256()))


def verify(key: rsa.RSAPublicKey, message: bytes, signature: bytes) -> None:
    """Raises cryptography.exceptions.InvalidSignature."""
    key.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
