"""What a caller may do, and why: one typed table per service, decided before any row is read."""

from .assurance import CARD_WITHIN_5_MINUTES, SATISFIED_BY, Assurance
from .permissions import Permission, permission
from .policy import Denied, PolicyTable

__all__ = [
    "CARD_WITHIN_5_MINUTES",
    "SATISFIED_BY",
    "Assurance",
    "Denied",
    "Permission",
    "PolicyTable",
    "permission",
]
