"""What is kept of an erased trail: the hashes of its entries, which tell nothing and prove all.

With them the seals of old can still be checked, and the municipality, which took its entries
along, can show that each was there. Without the entries nobody learns from them who did what.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from foundation.audit.merkle import HASH_BYTES, Tree

from .catalogue import Connection, Place

_LEAVES: Final = "SELECT leaf FROM audit.entries WHERE tenant_id = $1 ORDER BY tx, id"
_LAST_SEAL: Final = (
    "SELECT note FROM audit.checkpoints WHERE tenant_id = $1 ORDER BY size DESC LIMIT 1"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remains:
    """What the certificate says of the trail."""

    entries: int
    root: str
    """The Merkle root (RFC 6962) over all its leaves, in hexadecimal."""
    leaves_sha256: str
    last_seal: str | None

    def as_json(self) -> str:
        return json.dumps(asdict(self))


async def kept_leaves(connection: Connection, place: Place, *, folder: Path) -> Remains:
    """Write the leaves of a trail to a file, once, and say what they come to."""
    path = folder / f"{place.code}-{place.tenant_id}.leaves"
    rows = await connection.fetch(_LEAVES, place.tenant_id)
    leaves = [bytes(row["leaf"]) for row in rows]
    # Run again after an interruption there are fewer, and the file has them all.
    if not path.is_file() or path.stat().st_size < len(leaves) * HASH_BYTES:
        path.write_bytes(b"".join(leaves))
    content = path.read_bytes()
    kept = [content[at : at + HASH_BYTES] for at in range(0, len(content), HASH_BYTES)]
    seal = await connection.fetchval(_LAST_SEAL, place.tenant_id)
    return Remains(
        entries=len(kept),
        root=_root_of(kept).hex(),
        leaves_sha256=sha256(content).hexdigest(),
        last_seal=None if seal is None else str(seal),
    )


def _root_of(leaves: Iterable[bytes]) -> bytes:
    tree = Tree()
    for leaf in leaves:
        tree.add(leaf)
    return tree.root
