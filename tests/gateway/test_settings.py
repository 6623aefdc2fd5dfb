"""What the gateway is told before it may open its doors."""

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.settings import GatewaySettings

GOOD: dict[str, Any] = {
    "environment": "development",
    "issuer": "http://127.0.0.1:8200",
    "database_url": "postgresql://platform_app@localhost/house",
    "key_directory": "/keys/gateway",
    "internal_public_keys": "/keys/internal/jwks.json",
}


class TestIssuer:
    @pytest.mark.parametrize("issuer", ["https://tamaire.example", "http://localhost:8200"])
    def test_is_an_origin(self, issuer: str) -> None:
        assert GatewaySettings.model_validate(GOOD | {"issuer": issuer}).issuer == issuer

    @pytest.mark.parametrize(
        "issuer",
        [
            "",
            "tamaire",
            "ftp://tamaire.example",
            "https://tamaire.example/",
            "https://tamaire.example/oauth",
            "https://tamaire.example?x=1",
            "https://user@tamaire.example",
            "http://tamaire.example",
        ],
    )
    def test_is_nothing_else(self, issuer: str) -> None:
        with pytest.raises(ValidationError):
            GatewaySettings.model_validate(GOOD | {"issuer": issuer})

    def test_needs_tls_in_production(self) -> None:
        with pytest.raises(ValidationError, match="TLS"):
            GatewaySettings.model_validate(GOOD | {"environment": "production"})
