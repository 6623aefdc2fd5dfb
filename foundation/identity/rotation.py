"""How a signing key comes, signs, and goes, without a single token refused on the way.

A key is published before it signs, so that whoever checks tokens has read it in time; it signs
until the next one does; and it stays published until the last token it signed has expired. At
every moment exactly one key signs, and at least one more is published for the day it is needed.

    published ──▶ signing ──▶ retired ──▶ withdrawn

The times are kept, and the state follows from them and the clock: two gateways that have read the
same plan agree without talking, and a machine that slept wakes up in the right state.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum


class KeyState(StrEnum):
    """Where a key stands, in the order of its life."""

    PUBLISHED = "published"
    SIGNING = "signing"
    RETIRED = "retired"
    WITHDRAWN = "withdrawn"


TRANSITIONS = {
    KeyState.PUBLISHED: KeyState.SIGNING,
    KeyState.SIGNING: KeyState.RETIRED,
    KeyState.RETIRED: KeyState.WITHDRAWN,
}
"""What follows what; a key never goes back, and a withdrawn one is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedKey:
    """One key and its times; `used_from` is None while it waits to be needed."""

    name: str
    published_at: datetime
    used_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The keys of one kind of token, oldest first; the last one waits.

    `kept` is how long a key stays published after it stopped signing: the life of a token.
    """

    keys: tuple[PlannedKey, ...]
    kept: timedelta

    def __post_init__(self) -> None:
        """Refuse a plan under which no key signs, or none waits.

        Raises:
            ValueError: such a plan.
        """
        used = [key.used_from for key in self.keys[:-1]]
        if not used or self.keys[-1].used_from is not None:
            raise ValueError("A plan has two keys at least: one that signs, one that waits.")
        times = [at for at in used if at is not None]
        if len(times) < len(used) or sorted(times) != times:
            raise ValueError("Keys sign one after the other, in the order of their names.")

    @classmethod
    def fresh(cls, names: Sequence[str], *, now: datetime, kept: timedelta) -> "Plan":
        """Return the plan of two new keys, of which the first signs at once."""
        first, waiting = names
        signing = PlannedKey(name=first, published_at=now, used_from=now)
        return cls((signing, PlannedKey(name=waiting, published_at=now)), kept)

    @classmethod
    def adopted(cls, found: Iterable[tuple[str, datetime]], *, kept: timedelta) -> "Plan":
        """Return the plan of keys that were there before there was one: the newest waits.

        Args:
            found: each key and when it was made, oldest first.
            kept: as in the plan.

        Raises:
            ValueError: there are fewer than two.
        """
        keys: list[PlannedKey] = []
        for name, at in found:
            since = max([at, *(key.published_at for key in keys)])
            keys.append(PlannedKey(name=name, published_at=since, used_from=since))
        return cls((*keys[:-1], *(replace(key, used_from=None) for key in keys[-1:])), kept)

    def signing(self, now: datetime) -> str:
        """Return the one key that signs now: the last whose time has come, or else the first."""
        name = self.keys[0].name
        for key in self.keys[1:]:
            if key.used_from is not None and key.used_from <= now:
                name = key.name
        return name

    def states(self, now: datetime) -> dict[str, KeyState]:
        """Return where each key stands at an instant."""
        signing, passed, states = self.signing(now), True, dict[str, KeyState]()
        for key, following in zip(self.keys, (*self.keys[1:], None), strict=True):
            if key.name == signing:
                passed, states[key.name] = False, KeyState.SIGNING
            elif not passed:
                states[key.name] = KeyState.PUBLISHED
            else:
                stopped = following.used_from if following is not None else None
                is_over = stopped is not None and stopped + self.kept <= now
                states[key.name] = KeyState.WITHDRAWN if is_over else KeyState.RETIRED
        return states

    def believed(self, now: datetime) -> tuple[str, ...]:
        """Return the keys whose tokens are believed, which are the keys to publish."""
        states = self.states(now)
        return tuple(name for name, state in states.items() if state is not KeyState.WITHDRAWN)

    def rotated(self, name: str, *, now: datetime, lead: timedelta) -> "Plan":
        """Return the plan in which the waiting key is used, and a new one waits.

        Args:
            name: of the new key.
            now: when this is decided.
            lead: how long a key is published before it signs. With less than the time in which
                everybody reads the published keys, some would refuse its first tokens.
        """
        *used, waiting = self.keys
        begun = [key.used_from for key in used if key.used_from is not None]
        taken_up = replace(waiting, used_from=max(now, waiting.published_at + lead, *begun))
        return replace(self, keys=(*used, taken_up, PlannedKey(name=name, published_at=now)))

    def swept(self, now: datetime) -> "Plan":
        """Return the plan without the keys that are withdrawn by now."""
        believed = set(self.believed(now))
        return replace(self, keys=tuple(key for key in self.keys if key.name in believed))
