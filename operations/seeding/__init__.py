"""What makes three municipalities of the directory into demonstrations one can sign in to."""

from .identity import Demonstration, NotInDirectory, create_tenant_keys, register, seed

__all__ = ["Demonstration", "NotInDirectory", "create_tenant_keys", "register", "seed"]
