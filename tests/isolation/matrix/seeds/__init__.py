"""What each town of the matrix has, made through the services themselves."""

from collections.abc import Awaitable, Callable, Mapping

from tests.isolation.matrix.towns import Town

from . import benefits, consultation, platform, registry, window_dx

SEEDS: Mapping[str, Callable[[Town], Awaitable[None]]] = {
    "registry": registry.seed,
    "window_dx": window_dx.seed,
    "benefits": benefits.seed,
    "consultation": consultation.seed,
    "platform": platform.seed,
}
"""In this order: all others know residents by the register, and all write in the trail."""
