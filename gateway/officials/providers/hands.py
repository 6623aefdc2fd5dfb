"""Whose hands a directory went through, so that nobody puts to use what they alone wrote.

Whoever chooses a directory, or which of its groups pays money out, could be anybody in it. So
everyone who wrote something of that stays on its record until it is put to use or thrown away, and
none of them may put it to use: somebody who wrote nothing of it has to look. What only shows (its
name), what carries no sensitive duty, and a colleague's examination are nobody's writing: they put
nobody on the record, and take nobody from it.

Where two administrators both wrote, and there is no third, they throw the draft away and one of
them registers it whole.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from gateway.duties.domain import SENSITIVE

from .domain import IdentityProvider, MappedRole, ProviderAct

_ONLY_SHOWN: Final = frozenset({"name"})
_FOUND: Final = frozenset({"endpoints", "algorithms", "discovered_at"})
"""What an examination finds: the directory's own word, whoever asked for it."""


class NotByWhoWroteIt(Exception):
    """Somebody who wrote something of it would put it to use."""


class SensitiveDutyAdded(Exception):
    """A group of a directory in use would be given a sensitive duty."""


def redrawn(
    provider: IdentityProvider, drawn: Mapping[str, Any], *, by: str, at: datetime
) -> IdentityProvider:
    """Return the draft as somebody wrote it anew; it is tried anew, also if only renamed.

    Raises:
        ActNotPossible: it is no draft any more.
    """
    draft = provider.after(ProviderAct.CHANGED, by=by, at=at)
    written = {name: value for name, value in drawn.items() if name not in _ONLY_SHOWN | _FOUND}
    kept = replace(draft, **drawn)
    if any(getattr(provider, name) != value for name, value in written.items()):
        kept = replace(kept, drawn_by=by, written_by=provider.written_by | {by})
    return kept


def examined(
    provider: IdentityProvider, found: Mapping[str, Any], *, at: datetime
) -> tuple[IdentityProvider, bool]:
    """Return the draft with what was found at the directory, and whether it moved.

    One that moved is a draft again: it is tried anew, and put to use anew by somebody who wrote
    nothing of it. Who drew it up, and who changed it last, is not whoever looked.

    Raises:
        ActNotPossible: it is no draft any more.
    """
    before, after = provider.endpoints, found["endpoints"]
    has_moved = before is not None and dict(before) != dict(after)
    if has_moved:
        provider = provider.after(ProviderAct.CHANGED, by=provider.changed_by, at=at)
    return replace(provider, **found, discovered_at=at), has_moved


def mapped(
    provider: IdentityProvider,
    before: Collection[MappedRole],
    after: Iterable[MappedRole],
    *,
    by: str,
    at: datetime,
) -> IdentityProvider:
    """Return the provider whose groups carry other duties.

    Raises:
        SensitiveDutyAdded: it is in use, and its members change without us.
    """
    is_sensitive = any(one.role in SENSITIVE for one in set(after) - set(before))
    if is_sensitive and not provider.is_in_preparation:
        raise SensitiveDutyAdded
    return replace(
        provider,
        version=provider.version + 1,
        written_by=provider.written_by | ({by} if is_sensitive else frozenset[str]()),
        changed_by=by,
        changed_at=at,
    )


def activated(
    provider: IdentityProvider, *, by: str, administrators: Collection[str], at: datetime
) -> IdentityProvider:
    """Return the provider in use.

    Args:
        provider: a draft that was tried.
        by: who puts it to use.
        administrators: who can sign in as one today; the only one there is cannot ask another.
        at: the moment.

    Raises:
        NotByWhoWroteIt: a colleague must look at it.
        ActNotPossible: it was not tried, or is in use already.
    """
    if by in provider.written_by and set(administrators) - {by}:
        raise NotByWhoWroteIt
    return provider.after(ProviderAct.ACTIVATED, by=by, at=at)
