"""Where imports are kept, judged as a whole and let into the register."""

from .imports import Imports
from .staging import Staging

__all__ = ["Imports", "Staging"]
