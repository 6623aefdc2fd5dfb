"""What only its own municipality can read, even in a backup: accounts, consultations, addresses.

KeyUnavailable      no usable key of this tenant; it was never created, or it was destroyed
DecryptionFailed    these bytes were not written for this tenant, field and row, or were altered
"""

from .blind_index import normalise
from .encrypted import Cipher, DecryptionFailed, EncryptedText, Field, Secret
from .keyring import Keyring, KeyUnavailable, fill_folders, settle_first_keys

__all__ = [
    "Cipher",
    "DecryptionFailed",
    "EncryptedText",
    "Field",
    "KeyUnavailable",
    "Keyring",
    "Secret",
    "fill_folders",
    "normalise",
    "settle_first_keys",
]
