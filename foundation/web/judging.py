"""Who is asking, may they, and do they mean their own municipality: settled before any reading."""

import re
from collections.abc import Iterator
from typing import Any, NoReturn, cast

from starlette.requests import Request

from foundation import audit
from foundation.authorization import Denied, Permission
from foundation.events import Event, Outbox
from foundation.identity import Caller, InvalidToken
from foundation.problems import Problem, PurposeNotAllowed, TenantMismatch, Unauthenticated
from foundation.telemetry import current_context, logger
from foundation.tenancy import Tenancy

from .documents import JsonDocument
from .parameters import TENANT_NAMES
from .state import AppState, Refusal, announce_refusal, state_of

TENANT_HEADER = b"tamaire-municipality"
PURPOSE_HEADER = b"tamaire-purpose"
SCHEME = "internal"

_CODE_IN_HOST = re.compile(r"([0-9]{6})\.")
_LONGEST_OBJECT = 200
_log = logger(__name__)


def fields(request: Request, name: bytes) -> list[str]:
    """Return all header fields of a name, given in lower case; the others are not even decoded."""
    return [value.decode("latin-1") for key, value in request.scope["headers"] if key == name]


def authenticate(request: Request, state: AppState) -> Caller:
    """Return who acts, by the gateway's word alone; other headers prove nothing.

    Raises:
        Unauthenticated: no token, several, or one that is not believed. Which, only the log says.
    """
    given = fields(request, b"authorization")
    scheme, _, token = (given[0] if len(given) == 1 else "").partition(" ")
    if scheme.lower() != SCHEME or not token:
        raise Unauthenticated
    try:
        caller = state.gatekeeper.verify(token.strip())
    except InvalidToken as reason:
        _log.warning("token not believed", reason=str(reason))
        raise Unauthenticated from reason
    context = current_context()
    if context is not None:
        context.tenant = str(caller.tenancy.code)
        context.client_id = caller.principal.client_id
    return caller


async def authorize(request: Request, caller: Caller, permission: Permission) -> Caller:
    """Return the caller with the purpose settled.

    The purpose is the one in the token. A header that says otherwise was not put there by the
    gateway, and an access recorded under the wrong purpose would be a false entry.

    Raises:
        Problem: whatever the policy table says; the refusal is on record before it is given.
    """
    state = state_of(request)
    stated = fields(request, PURPOSE_HEADER)
    if stated and stated != [caller.purpose]:
        allowed = [str(purpose) for purpose in permission.purposes]
        await refuse_on_record(request, caller, permission, PurposeNotAllowed(allowed=allowed))
    try:
        return state.policy.decide(caller, permission)
    except Denied as denied:
        await refuse_on_record(request, caller, permission, denied)


async def require_own_tenant(
    request: Request, document: JsonDocument | None, *, caller: Caller, permission: Permission
) -> None:
    """Refuse a request that names a municipality other than the caller's, wherever it does.

    Raises:
        TenantMismatch: recorded, for it is an error of the front end or an attempt.
    """
    for place, value in _named(request, document):
        if not _is(caller.tenancy, place, value):
            mismatch = TenantMismatch(named_in=place)
            await refuse_on_record(request, caller, permission, mismatch)


async def refuse_on_record(
    request: Request, caller: Caller, permission: Permission, refused: Problem | Denied
) -> NoReturn:
    """Write the denial, and which numbers were tried, in a transaction of its own; then refuse.

    Raises:
        Problem: the one given. If it cannot be recorded, the request fails for that reason: a
            refusal nobody can find later would be an attempt nobody can find.
    """
    context, state = current_context(), state_of(request)
    denied = refused if isinstance(refused, Denied) else Denied(refused)
    problem = denied.problem
    tried = "/".join(str(value) for value in request.path_params.values())
    async with state.database.transaction(caller.tenancy) as tx:
        await audit.record(
            tx,
            audit.Entry.of(
                caller,
                service=state.service,
                action=permission.action,
                object=tried[:_LONGEST_OBJECT] or None,
                subjects=denied.subjects,
                decision="denied",
                request_id=context.request_id if context is not None else "",
                detail={"problem": problem.slug},
            ),
        )
        if denied.settle is not None:
            await denied.settle(tx)
        if isinstance(denied.alert, Event):
            await Outbox(state.service).append(tx, denied.alert)
        refusal = Refusal(
            caller=caller,
            action=permission.action,
            tried=tried[:_LONGEST_OBJECT],
            subjects=denied.subjects,
        )
        await announce_refusal(request, tx, refusal)
    _log.warning("denied", action=permission.action, problem=problem.slug)
    raise problem


def _named(request: Request, document: JsonDocument | None) -> Iterator[tuple[str, str]]:
    for value in fields(request, TENANT_HEADER):
        yield "header", value
    for value in fields(request, b"host")[:1]:
        if found := _CODE_IN_HOST.match(value):
            yield "host", found[1]
    if request.scope.get("query_string"):
        yield from _named_in_query(request)
    if document is not None and isinstance(document.content, dict):
        content = cast("dict[str, Any]", document.content)
        for name in TENANT_NAMES & content.keys():
            if isinstance(value := content[name], str | int):
                yield name, str(value)


def _named_in_query(request: Request) -> Iterator[tuple[str, str]]:
    for name in TENANT_NAMES:
        for value in request.query_params.getlist(name):
            yield name, value


def _is(tenancy: Tenancy, place: str, value: str) -> bool:
    return value == tenancy.code or (place == "tenant_id" and value == str(tenancy.tenant_id))
