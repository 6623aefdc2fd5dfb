"""What is on offer in the municipality that is none, and how it is brought back to its start."""

from .clearing import clear
from .furnishing import furnish

__all__ = ["clear", "furnish"]
