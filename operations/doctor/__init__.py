"""Looks at the machine before a person has to: each finding comes with its remedy."""

from .examination import examine

__all__ = ["examine"]
