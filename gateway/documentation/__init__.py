"""What can be read about the house without asking anybody: the interface and every refusal."""

from .library import Library, Page

__all__ = ["Library", "Page"]
