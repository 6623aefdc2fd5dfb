"""A correct request for every operation there is; an operation without one fails the matrix."""

from collections.abc import Mapping

from . import benefits, consultation, platform, registry, window_dx
from .asked import Asked, Example, Thing

EXAMPLES: Mapping[str, Mapping[str, tuple[Example, ...]]] = {
    "registry": registry.EXAMPLES,
    "window_dx": window_dx.EXAMPLES,
    "benefits": benefits.EXAMPLES,
    "consultation": consultation.EXAMPLES,
    "platform": platform.EXAMPLES,
}

__all__ = ["EXAMPLES", "Asked", "Example", "Thing"]
