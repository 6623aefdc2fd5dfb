"""The piece of work somebody asked for: one caller, one transaction, one trail."""

from .work import Trail, Work

__all__ = ["Trail", "Work"]
