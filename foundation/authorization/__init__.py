"""What a caller may do, and why: one typed table per service, decided before any row is read."""

from .permissions import Permission, permission
from .policy import Denied, PolicyTable

__all__ = ["Denied", "Permission", "PolicyTable", "permission"]
