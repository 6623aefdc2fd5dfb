"""The tree a trail grows into: adding to it is cheap, changing what is in it shows at the root.

Source: RFC 6962 §2.1 (Merkle Hash Trees), kept as the list of its complete subtrees.
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import Final, Self

HASH_BYTES: Final = 32


def leaf_hash(content: bytes) -> bytes:
    """Return the hash of an entry; the 0x00 keeps it apart from every inner node."""
    return sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree that only grows; it remembers one hash for each complete subtree, 64 at most."""

    __slots__ = ("_peaks", "_size")

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self._size = size
        self._peaks = list(peaks)
        if len(self._peaks) != size.bit_count():
            raise ValueError("A tree of this size has another number of complete subtrees.")

    @classmethod
    def restored(cls, size: int, stored: bytes) -> Self:
        """Return the tree whose `peaks` were stored.

        Raises:
            ValueError: they do not belong to a tree of this size.
        """
        cuts = range(0, len(stored), HASH_BYTES)
        return cls(size, (stored[cut : cut + HASH_BYTES] for cut in cuts))

    @property
    def size(self) -> int:
        return self._size

    @property
    def peaks(self) -> bytes:
        """The complete subtrees from left to right, 32 bytes each: all that growing needs."""
        return b"".join(self._peaks)

    @property
    def root(self) -> bytes:
        """The hash that stands for every leaf and its place."""
        if not self._peaks:
            return sha256(b"").digest()
        *left, root = self._peaks
        for peak in reversed(left):
            root = node_hash(peak, root)
        return root

    def add(self, leaf: bytes) -> None:
        """Add the hash of the next entry at the right."""
        complete, place = leaf, self._size
        while place & 1:
            complete = node_hash(self._peaks.pop(), complete)
            place >>= 1
        self._peaks.append(complete)
        self._size += 1
