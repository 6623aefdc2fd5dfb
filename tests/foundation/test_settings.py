"""A process that is told something it does not understand does not start."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from foundation.settings import ServiceSettings, UnknownSettings

COMPLETE = {
    "TAMAIRE_ENVIRONMENT": "development",
    "TAMAIRE_DATABASE_URL": "postgresql://app:secret@/house",
    "TAMAIRE_WORKER_DATABASE_URL": "postgresql://worker:secret@/house",
    "TAMAIRE_KEY_DIRECTORY": "/keys",
    "TAMAIRE_INTERNAL_PUBLIC_KEYS": "/keys/internal.json",
}


@pytest.fixture
def complete(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in COMPLETE.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


class TestFromEnvironment:
    def test_reads_what_it_is_given(self, complete: pytest.MonkeyPatch) -> None:
        assert isinstance(complete, pytest.MonkeyPatch)
        assert ServiceSettings.from_environment().key_directory == Path("/keys")

    def test_refuses_a_misspelt_safeguard(self, complete: pytest.MonkeyPatch) -> None:
        complete.setenv("TAMAIRE_ENVIRONMNT", "production")
        with pytest.raises(UnknownSettings, match="TAMAIRE_ENVIRONMNT"):
            ServiceSettings.from_environment()

    def test_has_no_default_for_a_secret(self, complete: pytest.MonkeyPatch) -> None:
        complete.delenv("TAMAIRE_DATABASE_URL")
        with pytest.raises(ValidationError, match="database_url"):
            ServiceSettings.from_environment()

    def test_never_prints_a_secret(self, complete: pytest.MonkeyPatch) -> None:
        assert isinstance(complete, pytest.MonkeyPatch)
        assert "secret" not in repr(ServiceSettings.from_environment())
