"""What operations is told by the environment: only inside containers, where no one types a command.

The passwords of development stand in docker-compose.yml; there is none here.
"""

from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import SettingsConfigDict

from foundation.settings import Settings

from .failures import Failure
from .postgres.passwords import OnePassword, Passwords, PasswordSource


class OperationsSettings(Settings):
    """Read from `TAMAIRE_OPERATIONS_…`."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix="TAMAIRE_OPERATIONS_", case_sensitive=False
    )

    database_url: SecretStr | None = None
    """The administrator's URL: the same as `--database-url`, kept off the command line."""
    role_password: SecretStr | None = None
    """One password for every role, where the services are told theirs by a file that is shared."""

    def required_database_url(self) -> str:
        """Return the administrator's URL.

        Raises:
            NothingToPrepare: there is none.
        """
        if self.database_url is None:
            raise NothingToPrepare
        return self.database_url.get_secret_value()

    def passwords(self, folders: Path) -> PasswordSource:
        """Return whence the roles' passwords come: from here, or from files below `folders`."""
        if self.role_password is None:
            return Passwords(folders / "passwords")
        return OnePassword(self.role_password.get_secret_value())


class NothingToPrepare(Failure):
    """`prepare` is for somebody else's PostgreSQL, and was not told which."""

    def __init__(self) -> None:
        super().__init__(
            "準備するデータベースが指定されていません。",
            "No database was named to prepare.",
            remedy_ja="TAMAIRE_OPERATIONS_DATABASE_URL を設定するか、`./tamaire up` を"
            "使ってください。",
            remedy="Set TAMAIRE_OPERATIONS_DATABASE_URL, or use `./tamaire up`.",
        )
