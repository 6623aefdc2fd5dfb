"""Whose work this is: a municipality, named by a verified token and by nothing else."""

from .context import Tenancy

__all__ = ["Tenancy"]
