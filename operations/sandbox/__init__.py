"""What is on offer in the municipality that is none: its programmes and its windows."""

from .furnishing import furnish

__all__ = ["furnish"]
