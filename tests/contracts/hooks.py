"""What Schemathesis must know of this house beyond its description: who calls, and about what.

Loaded by `st run` (see `schemathesis.toml`), in a process of its own. Nothing here makes a failure
disappear but `filter_failure`, and that only by the tables of `deviations`.
"""
# Schemathesis leaves the types of its decorators and headers partly open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

import json
import re
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any, Final

import httpx
import schemathesis
from pydantic_settings import SettingsConfigDict
from schemathesis import Case, HookContext, Response
from schemathesis.auths import AuthContext
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.openapi.checks import RejectedPositiveData

from foundation.identifiers import new_id
from foundation.settings import Settings
from tests.contracts.callers import ANONYMOUS, CALLERS, PEERS, Caller, Passes
from tests.contracts.deviations import is_beyond_a_schema, is_sent_back_refused
from tests.contracts.world import World


class ContractSettings(Settings):
    """Read from `CONTRACT_…`: which house, and as whom."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", env_prefix="CONTRACT_")

    base_url: str
    keys: Path
    """Where the machines' private keys lie."""
    caller: str = ""
    """A name of `CALLERS`, `anonymous`, or nothing: then whoever may, in turn."""
    record: Path
    """One line of JSON per call is appended: operation, caller, status."""


_SETTINGS: Final = ContractSettings.from_environment()
_PASSES: Final = Passes(_SETTINGS.base_url, _SETTINGS.keys)
_HTTP: Final = httpx.Client(base_url=_SETTINGS.base_url, timeout=30.0)
_WORLD: Final = World(_HTTP.get("/openapi.json").json()["paths"])
_WORLD.look_around(_HTTP, _PASSES)
_TURN: Final = count()
_KEY: Final = re.compile(r"[!-~]{1,255}")
_VERSION: Final = re.compile(r"[1-9][0-9]{0,9}")
_UNAUTHORISED: Final = 401
_TIMEOUT: Final = "Tamaire-Timeout-Ms"
_REVOCATIONS: Final = "/platform/v1/revocations"
_LEAVE: Final = "/platform/v1/client-grants/{client_id}"
_CLIENTS: Final = frozenset(caller.client_id for caller in CALLERS.values())
_BELIEVED: Final[dict[str, Caller]] = {}
"""Tokens that were sent, and whose they are."""


@schemathesis.hook
def before_load_schema(context: HookContext, raw_schema: dict[str, Any]) -> None:
    """Describe the token as the header it is: Schemathesis does not probe `oauth2` schemes.

    A scheme of type `http` has no scopes, so they move aside, to where `Caller.may` finds them.
    """
    del context
    raw_schema["components"]["securitySchemes"]["tamaire"] = {"type": "http", "scheme": "bearer"}
    for item in raw_schema["paths"].values():
        for operation in item.values():
            ways: list[dict[str, list[str]]] = operation.get("security", [])
            # A vendor's own registration has a token of its own, which nobody here has.
            ours = [way["tamaire"] for way in ways if "tamaire" in way]
            operation["x-scopes"] = [scope for scopes in ours for scope in scopes]
            operation["security"] = [{"tamaire": []} for _ in ours]
            # A millisecond is a wish like another, and 504 its right answer, which would pass for a
            # failing server here. `tests/gateway/test_deadlines.py` asks for it on both ways.
            operation["parameters"] = [
                one for one in operation.get("parameters", []) if one["name"] != _TIMEOUT
            ]
            for parameter in operation.get("parameters", []):
                if parameter["name"].lower() == "if-match":
                    # Its coverage phase cannot write a quotation mark: `before_call` adds them.
                    parameter["schema"] = {"type": "string", "pattern": f'^"?{_VERSION.pattern}"?$'}


class Somebody:
    """Whoever may use the operation, each in turn; or the one caller this run is about."""

    def get(self, case: Case[Any], context: AuthContext) -> str | None:
        """Return an access token, or none for a run without any."""
        del case
        if _SETTINGS.caller == ANONYMOUS:
            return None
        caller = self._caller(context.operation.definition.raw)
        token = _PASSES.token_of(caller)
        _BELIEVED[token] = caller
        return token

    def set(self, case: Case[Any], data: str, context: AuthContext) -> None:
        """Send the token along."""
        del context
        case.headers["Authorization"] = f"Bearer {data}"

    @staticmethod
    def _caller(operation: Mapping[str, Any]) -> Caller:
        if _SETTINGS.caller:
            return CALLERS[_SETTINGS.caller]
        fitting = [caller for caller in CALLERS.values() if caller.may(operation)]
        everybody = fitting or list(CALLERS.values())
        return everybody[next(_TURN) % len(everybody)]


if _SETTINGS.caller != PEERS:  # who then sign in by the configuration of the run
    schemathesis.auth(refresh_interval=None)(Somebody)


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """Speak of real things, give each act a key of its own, and name the present version."""
    del context, kwargs
    if case.path == _REVOCATIONS:
        _spare_ourselves(case.body)
    else:
        is_well_formed = case.meta is None or case.meta.generation.mode.is_positive
        _WORLD.put_into(case.path_parameters, with_texts=is_well_formed)
        if isinstance(case.body, dict):
            _WORLD.put_into(case.body, with_texts=is_well_formed)
    if case.path == _LEAVE:
        _spare_ourselves(case.path_parameters)
    headers = case.headers
    if _KEY.fullmatch(str(headers.get("Idempotency-Key", ""))):
        headers["Idempotency-Key"] = str(new_id())
    version = str(headers.get("If-Match", "")).strip('"')
    if _VERSION.fullmatch(version):
        present = _present_version(case) if next(_TURN) % 4 else None
        headers["If-Match"] = present or f'"{version}"'


@schemathesis.hook
def after_call(context: HookContext, case: Case[Any], response: Response) -> None:
    """Learn numbers, drop tokens that were revoked, and write down what was answered."""
    del context
    if response.content and response.headers.get("content-type", [""])[0] == "application/json":
        _WORLD.learn(case.path, response.json())
    given = str(response.request.headers.get("Authorization", "")).removeprefix("Bearer ")
    caller = _BELIEVED.get(given)
    if response.status_code == _UNAUTHORISED and caller is not None:
        _PASSES.forget(caller)
    line = {
        "operation": case.operation.label,
        "method": response.request.method,
        "caller": caller.name if caller else ANONYMOUS,
        "status": response.status_code,
    }
    with _SETTINGS.record.open("a", encoding="utf-8") as record:
        record.write(json.dumps(line) + "\n")


@schemathesis.hook
def filter_failure(
    context: HookContext, failure: Failure, case: Case[Any], response: Response
) -> bool:
    """Keep every failure but a refusal, or a redirection, that no schema could foresee."""
    del context
    if isinstance(failure, RejectedPositiveData):
        return not is_beyond_a_schema(case.operation.label, case.query, response)
    if isinstance(failure, AcceptedNegativeData):
        return not is_sent_back_refused(response)
    return True


def _spare_ourselves(body: Any) -> None:
    """Let the run take back somebody else's leave: with ours, nobody could sign in any more."""
    if isinstance(body, dict) and str(body.get("client_id")) in _CLIENTS:
        body["client_id"] = "former-vendor"


def _present_version(case: Case[Any]) -> str | None:
    """Return the ETag of the nearest thing above this address that can be read as this caller."""
    path = case.formatted_path
    headers = {
        name: str(value)
        for name, value in case.headers.items()
        if name.lower() in ("authorization", "tamaire-purpose")
    }
    while path.count("/") > 3:  # /service/v1/things names nothing in particular
        tag = _HTTP.get(path, headers=headers).headers.get("etag")
        if tag is not None:
            return tag
        path = path.rpartition("/")[0]
    return None
