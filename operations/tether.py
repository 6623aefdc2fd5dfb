"""Start a program under the account meant for it, so that it ends when its starter ends.

Run as a script: `tether.py PARENT SIGNAL UID GID PROGRAM [ARGUMENT …]`. It replaces itself by the
program, so the process the starter waits for is the program and no process stands in between.
"""

import ctypes
import os
import sys
from collections.abc import Sequence

_PR_SET_PDEATHSIG = 1  # prctl(2): the kernel sends this signal when the starting thread ends
_NO_PARENT = 70  # sysexits EX_SOFTWARE: nobody is left to be told more


def tethered(
    command: Sequence[str], *, on_orphaned: int, uid: int = -1, gid: int = -1
) -> list[str]:
    """Return `command` so that it gets a signal when we end, and runs as another account if given.

    The kernel watches the thread that starts it: start it from the main one.
    """
    numbers = (str(int(number)) for number in (os.getpid(), on_orphaned, uid, gid))
    return [sys.executable, "-I", "-S", __file__, *numbers, *command]


def become(uid: int, gid: int) -> None:
    """Give up the present account for good; a number below zero means: stay who you are."""
    if uid < 0 or uid == os.geteuid():
        return
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)


def main(arguments: list[str]) -> None:
    """Become the program named in `arguments`; never returns."""
    parent, signal_number, uid, gid = (int(number) for number in arguments[:4])
    program = arguments[4:]
    become(uid, gid)
    # Only after the change of account: the kernel forgets the wish when credentials change.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal_number)
    if os.getppid() != parent:  # the starter ended before the wish was heard
        sys.exit(_NO_PARENT)
    os.execv(program[0], program)  # noqa: S606 - no shell is the point


if __name__ == "__main__":
    main(sys.argv[1:])
