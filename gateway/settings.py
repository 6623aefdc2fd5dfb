"""What the gateway is told before it may open its doors."""

from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from foundation.identity.jpki import TrustSettings
from foundation.settings import Settings

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class GatewaySettings(Settings):
    """Read from `TAMAIRE_GATEWAY_…`; `upstreams` is a JSON object, service to address."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix="TAMAIRE_GATEWAY_", case_sensitive=False
    )

    environment: Literal["development", "production"]
    issuer: str
    """Our own name in every token: an origin, without a path or a trailing slash."""
    database_url: SecretStr
    worker_database_url: SecretStr | None = None
    """The role that sees which jobs are due; without it nobody is told of ended sign-ins."""
    key_directory: Path
    tenant_key_directory: Path | None = None
    """Where the platform's own keys of each municipality lie; beside ours, unless it is said."""
    internal_public_keys: Path
    """Where services read the key of the internal token; written by us, public."""
    upstreams: dict[str, str] = Field(default_factory=dict)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    pool_size: int = 8
    tenant_domain: str = "localhost"
    """A municipality's front door is `<code>.<tenant_domain>`, before anybody has signed in."""
    jpki: TrustSettings | None = None
    """The authorities of signing certificates, as a JSON object; without it nobody can sign."""

    @field_validator("issuer")
    @classmethod
    def _is_an_origin(cls, issuer: str) -> str:
        parts = urlsplit(issuer)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("The issuer is an http(s) URL.")
        if issuer != f"{parts.scheme}://{parts.netloc}" or "@" in parts.netloc:
            raise ValueError("The issuer is an origin: no path, query, or user.")
        return issuer

    @model_validator(mode="after")
    def _is_protected(self) -> "GatewaySettings":
        parts = urlsplit(self.issuer)
        if parts.scheme == "http" and (
            self.environment == "production" or parts.hostname not in _LOOPBACK
        ):
            raise ValueError("Without TLS the gateway serves this machine only, in development.")
        return self

    @property
    def tenant_keys(self) -> Path:
        return self.tenant_key_directory or self.key_directory.parent / "platform"

    @model_validator(mode="after")
    def _believes_no_test_cards(self) -> "GatewaySettings":
        if self.environment == "production" and self.jpki is not None and self.jpki.test_cards:
            raise ValueError("Test cards are believed in development only.")
        return self

    @property
    def is_https(self) -> bool:
        return self.issuer.startswith("https://")
