"""What was agreed with single municipalities and clients about how much they may ask for."""

from .reading import Agreements

__all__ = ["Agreements"]
