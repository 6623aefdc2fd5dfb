"""The PostgreSQL that comes with the programme, so that one command is enough to start."""

from .cluster import DATABASE, Cluster
from .initdb import SUPERUSER
from .place import MAJOR_VERSION
from .roles import LOGIN_ROLES, SCHEMAS

__all__ = ["DATABASE", "LOGIN_ROLES", "MAJOR_VERSION", "SCHEMAS", "SUPERUSER", "Cluster"]
