"""The one number that tells every gateway that something public has changed."""

from .reading import Bulletin, Reader
from .repository import count_up

__all__ = ["Bulletin", "Reader", "count_up"]
