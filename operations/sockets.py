"""Where unix sockets lie: beside the data, unless the path would be longer than a socket's may be.

unix(7): a path of at most 107 bytes. A deep data folder therefore gets a short folder of its own
below /tmp, private and unguessable, and a file that says where it is.
"""

import os
import tempfile
from pathlib import Path

from .files import write_private

_PATH_BYTES = 107
_SHORT = Path("/tmp")  # noqa: S108 - the name below it is unguessable, and short is the point


def socket_folder(beside: Path, *, longest_name: str, pointer: Path) -> Path:
    """Return `beside`, or the short folder that `pointer` names, choosing one if it is gone.

    /tmp is swept from time to time, and a name that was once ours may be anyone's afterwards.
    """
    if len(os.fsencode(beside / longest_name)) <= _PATH_BYTES:
        return beside
    if pointer.exists():
        known = Path(pointer.read_text(encoding="utf-8"))
        if known.is_dir() and not known.is_symlink():
            return known
    short = Path(tempfile.mkdtemp(prefix="tamaire-", dir=_SHORT))
    write_private(pointer, str(short))
    return short
