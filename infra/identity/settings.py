"""What the simulator must be told before it starts, and the one answer that lets it start."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

_PREFIX = "TAMAIRE_SIMULATOR_"
_KNOWN = frozenset({"ENVIRONMENT", "DIRECTORY", "PORT", "BASE_URL"})
_LAST_PORT = 65535


class SimulatorRefused(RuntimeError):
    """The simulator will not start: it hands out identities, so a doubtful setting is a refusal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorSettings:
    """Where the simulator keeps its files and under which address browsers and clients reach it."""

    directory: Path
    base_url: str

    @classmethod
    def from_environment(cls, variables: Mapping[str, str]) -> Self:
        """Read `TAMAIRE_SIMULATOR_*`.

        Raises:
            SimulatorRefused: outside development, or when a variable is missing, unknown or
                unusable. `TAMAIRE_ENVIRONMENT`, where present, must agree: a production machine
                on which only one of the two was set must not gain a second front door.
        """
        given = {
            name.removeprefix(_PREFIX): value
            for name, value in variables.items()
            if name.startswith(_PREFIX)
        }
        _require_development(given, variables)
        if unknown := sorted(given.keys() - _KNOWN):
            raise SimulatorRefused(f"unknown settings: {', '.join(_PREFIX + n for n in unknown)}")
        directory = Path(given.get("DIRECTORY", ""))
        if not directory.is_absolute():
            raise SimulatorRefused(f"{_PREFIX}DIRECTORY must name an absolute path")
        return cls(directory=directory, base_url=_base_url(given))


def _require_development(given: Mapping[str, str], variables: Mapping[str, str]) -> None:
    if given.get("ENVIRONMENT") != "development":
        raise SimulatorRefused(
            "the identity simulator starts only where "
            f"{_PREFIX}ENVIRONMENT=development; it signs in anyone whose card it holds"
        )
    if variables.get("TAMAIRE_ENVIRONMENT", "development") != "development":
        raise SimulatorRefused("TAMAIRE_ENVIRONMENT names another environment than development")


def _base_url(given: Mapping[str, str]) -> str:
    port = given.get("PORT", "")
    if not (port.isascii() and port.isdigit() and 0 < int(port) <= _LAST_PORT):
        raise SimulatorRefused(f"{_PREFIX}PORT must be a port number")
    url = given.get("BASE_URL", f"http://127.0.0.1:{port}").rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path or parts.query:
        raise SimulatorRefused(f"{_PREFIX}BASE_URL must be scheme://host[:port] and nothing more")
    return url
