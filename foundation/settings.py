"""What a process must be told before it may start: read once, from the environment, and typed."""

import os
from pathlib import Path
from typing import Literal, Self

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class UnknownSettings(ValueError):
    """Variables under our prefix that nothing reads: a misspelt safeguard must not be ignored."""


class Settings(BaseSettings):
    """The base of every deployable's settings; secrets have no default."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix="TAMAIRE_", case_sensitive=False
    )

    @classmethod
    def from_environment(cls) -> Self:
        """Read the settings and refuse variables under our prefix that no field reads.

        Raises:
            UnknownSettings: naming each variable that would have been ignored.
        """
        prefix = str(cls.model_config.get("env_prefix", "")).upper()
        known = {prefix + name.upper() for name in cls.model_fields}
        given = {name.upper() for name in os.environ if name.upper().startswith(prefix)}
        if unknown := sorted(given - known):
            raise UnknownSettings(f"Nothing reads these variables: {', '.join(unknown)}")
        return cls()


class ServiceSettings(Settings):
    """What each service is told: its own database role, its own keys, whose word it trusts."""

    environment: Literal["development", "production"]
    database_url: SecretStr
    worker_database_url: SecretStr
    key_directory: Path
    internal_public_keys: Path
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    pool_size: int = 8
