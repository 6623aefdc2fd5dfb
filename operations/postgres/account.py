"""Under whose name the database server runs: never root, which PostgreSQL rightly refuses."""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from .failures import NoUnprivilegedAccount

# `postgres` exists where the distribution's packages were installed; `nobody` exists everywhere.
_CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """An operating-system account, by number: a number needs no directory service to be asked."""

    uid: int
    gid: int

    @property
    def is_ours(self) -> bool:
        return self.uid == os.geteuid()

    def can_reach(self, folder: Path) -> bool:
        """Tell whether this account may search every folder on the way to `folder`, and it too.

        Reads the permission bits only. An access list may allow more; then the database merely
        lives elsewhere than it could have.
        """
        resolved = folder.resolve()
        ways = [parent for parent in (resolved, *resolved.parents) if parent.exists()]
        return all(self._may_search(way.stat()) for way in ways)

    def _may_search(self, status: os.stat_result) -> bool:
        if status.st_uid == self.uid:
            return bool(status.st_mode & stat.S_IXUSR)
        if status.st_gid == self.gid:
            return bool(status.st_mode & stat.S_IXGRP)
        return bool(status.st_mode & stat.S_IXOTH)


def account_for(existing: Path | None) -> Account:
    """Choose the account of the server: the owner of existing data, else ourselves, else a lesser.

    Raises:
        NoUnprivilegedAccount: we are root and the machine knows no account to step down to.
    """
    if os.geteuid() != 0:
        return Account(uid=os.geteuid(), gid=os.getegid())
    if existing is not None and (owner := existing.stat()).st_uid != 0:
        return Account(uid=owner.st_uid, gid=owner.st_gid)
    for name in _CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(uid=entry.pw_uid, gid=entry.pw_gid)
    raise NoUnprivilegedAccount(reason=" / ".join(_CANDIDATES))
