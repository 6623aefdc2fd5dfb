"""Whether the gateway says that the whole house is ready: the one question everything waits for."""

import http.client
import json
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, cast

_TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True)
class Readiness:
    """The gateway's answer; `unready` names what it still waits for, as far as it says so."""

    is_ready: bool
    unready: tuple[str, ...] = field(default=())


def ask(host: str, port: int) -> Readiness:
    """Ask `/readyz` once; silence is an answer too."""
    try:
        with closing(http.client.HTTPConnection(host, port, timeout=_TIMEOUT_S)) as connection:
            connection.request("GET", "/readyz", headers={"Accept": "application/json"})
            response = connection.getresponse()
            body = response.read(65_536)
    except (OSError, http.client.HTTPException):
        return Readiness(is_ready=False)
    if response.status == http.client.OK:
        return Readiness(is_ready=True)
    return Readiness(is_ready=False, unready=_named(body))


def _named(body: bytes) -> tuple[str, ...]:
    """Read the names of what is not ready out of `{"checks": {"benefits": "unready", …}}`."""
    try:
        content: Any = json.loads(body)
    except ValueError:
        return ()
    checks: Any = cast("dict[str, Any]", content).get("checks") if isinstance(content, dict) else {}
    if not isinstance(checks, dict):
        return ()
    named = cast("dict[str, Any]", checks)
    return tuple(name for name, state in named.items() if state not in ("ready", "ok", True))
