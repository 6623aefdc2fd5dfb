"""How surely and how lately somebody is to prove themselves, as a front end may demand it.

A service that refuses an act for want of assurance names `acr_values` and `max_age`; the front
end sends both here (RFC 9470 §4). They are passed to the provider, and what comes back is held
against them: a provider that ignores the demand, or says nothing of it, has not met it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from foundation.authorization import SATISFIED_BY

from .errors import InvalidRequest, LoginRequired, UnmetAuthenticationRequirements

_SECONDS = re.compile(r"[0-9]{1,6}")
_LONGEST = 255
_PROMPTS = frozenset({"login", "none", "consent", "select_account"})
_CLOCKS_DIFFER = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What a sign-in must achieve; empty, it must only succeed.

    `acr_values`: any one of these levels. `max_age`: the proof is no older than this when the
    sign-in begins; zero means a new proof.
    """

    acr_values: tuple[str, ...] = ()
    max_age: timedelta | None = None

    @classmethod
    def read(cls, parameters: Mapping[str, str]) -> "Demand":
        """Read `acr_values`, `max_age` and `prompt` (OpenID Connect Core §3.1.2.1).

        Raises:
            InvalidRequest: one of them cannot be read.
            LoginRequired: nobody is to be asked anything, and here everybody is.
            UnmetAuthenticationRequirements: no level is named that any provider here can reach.
        """
        prompts = frozenset(parameters.get("prompt", "").split())
        if not prompts <= _PROMPTS or ("none" in prompts and len(prompts) > 1):
            raise InvalidRequest("prompt must be login, or left out.")
        if "none" in prompts:
            raise LoginRequired("Every sign-in here is made in person.")
        age = _max_age(parameters.get("max_age"))
        if "login" in prompts:
            age = timedelta(0)
        return cls(acr_values=_levels(parameters.get("acr_values", "")), max_age=age)

    def upstream(self, usual: str) -> dict[str, str]:
        """Return the parameters to send to the provider, beside what it is usually asked.

        `prompt=login` goes with `max_age=0`, for providers that know only one of them.
        """
        levels = dict.fromkeys((*usual.split(), *self.acr_values))
        asked = {"acr_values": " ".join(levels)} if levels else {}
        if self.max_age is not None:
            asked["max_age"] = str(int(self.max_age.total_seconds()))
            if not self.max_age:
                asked["prompt"] = "login"
        return asked

    def judge(self, acr: str, authenticated_at: datetime | None, *, began_at: datetime) -> None:
        """Hold what the provider said against what was demanded when the sign-in began.

        Raises:
            UnmetAuthenticationRequirements: the level is lower, the proof older, or the provider
                does not say (OpenID Connect Core §2: with `max_age`, `auth_time` is required).
        """
        if self.acr_values and not any(acr in SATISFIED_BY[level] for level in self.acr_values):
            raise UnmetAuthenticationRequirements(reason="a lower level than demanded")
        if self.max_age is None:
            return
        if authenticated_at is None:
            raise UnmetAuthenticationRequirements(reason="the provider does not say when")
        if authenticated_at < began_at - self.max_age - _CLOCKS_DIFFER:
            raise UnmetAuthenticationRequirements(reason="an older proof than demanded")


def _levels(text: str) -> tuple[str, ...]:
    """Return the levels we know; an unknown one is as good as none (RFC 9470 §4)."""
    if len(text) > _LONGEST:
        raise InvalidRequest("acr_values is too long.")
    named = text.split()
    known = tuple(dict.fromkeys(level for level in named if level in SATISFIED_BY))
    if named and not known:
        raise UnmetAuthenticationRequirements("acr_values names no level that is known here.")
    return known


def _max_age(text: str | None) -> timedelta | None:
    if text is None:
        return None
    if _SECONDS.fullmatch(text) is None:
        raise InvalidRequest("max_age must be a whole number of seconds.")
    return timedelta(seconds=int(text))
