"""A PostgreSQL that somebody else runs: reached by the URL of an administrator, used as ours is."""

from typing import Protocol
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from .passwords import PasswordSource
from .roles import bootstrap


class Server(Protocol):
    """What the rest of operations needs of a database server, embedded or not."""

    def dsn(self, role: str, database: str = ...) -> str:
        """Return the address of `database` for one of our roles."""
        ...

    def superuser_dsn(self, database: str = ...) -> str:
        """Return the address of `database` for the administrator."""
        ...

    def bootstrap_roles(self, database: str = ...) -> None:
        """Bring about the database, its schemas, roles and passwords."""
        ...


class ExternalServer:
    """The server of `--database-url`; it is never started or stopped by us."""

    def __init__(self, url: str, *, passwords: PasswordSource) -> None:
        self._url = urlsplit(url)
        self._passwords = passwords

    def dsn(self, role: str, database: str = "tamaire") -> str:
        return self._address(role, self._passwords.of(role), database)

    def superuser_dsn(self, database: str = "postgres") -> str:
        account, password = self._url.username or "", self._url.password or ""
        return self._address(unquote(account), unquote(password), database)

    def bootstrap_roles(self, database: str = "tamaire") -> None:
        bootstrap(self.superuser_dsn, self._passwords, database=database)

    def _address(self, role: str, password: str, database: str) -> str:
        host = self._url.netloc.rpartition("@")[2]
        account = quote(role, safe="") + (f":{quote(password, safe='')}" if password else "")
        netloc = f"{account}@{host}" if account else host
        return urlunsplit(("postgresql", netloc, f"/{database}", self._url.query, ""))
