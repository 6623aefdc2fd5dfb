"""What makes three municipalities of the directory into demonstrations one can sign in to."""

from .identity import Demonstration, NotInDirectory, register, seed

__all__ = ["Demonstration", "NotInDirectory", "register", "seed"]
