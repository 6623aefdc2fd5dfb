"""The operations there are, as the services themselves describe them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from typing_extensions import override

from foundation.authorization import PolicyTable
from foundation.identity import Business, Caller, Machine, Official, Purpose

_METHODS = ("get", "post", "put", "patch", "delete")
ENDING = (
    "platform_end_session",
    "platform_succeed_binding",
    "platform_confirm_binding",
    "platform_release_binding",
    "platform_withdraw_consent",
    "platform_end_sessions",
)
"""Operations that end a person's own way in, each leaving the next something to end."""
_ONE_AFTER_ANOTHER = (
    "platform_set_membership_papers",
    "platform_set_membership_service",
    "platform_confirm_membership_act",
)
"""Operations that change one thing, each on what the one before it left: at once, one is stale."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation of one service's OpenAPI."""

    id: str
    service: str
    method: str
    path: str
    callers: frozenset[str]
    roles: frozenset[str]
    clients: frozenset[str]
    purposes: tuple[Purpose, ...]
    is_personal: bool
    reads_json: bool
    needs_key: bool

    @property
    def purpose(self) -> Purpose:
        """Return a purpose the operation may be asked for."""
        return self.purposes[0]

    def is_open_to(self, caller: Caller) -> bool:
        """Tell whether the description promises that this caller may ask."""
        match caller.principal:
            case Official(roles=roles):
                return not self.roles.isdisjoint(roles)
            case Machine(client_id=client_id):
                return "machine" in self.callers and (not self.clients or client_id in self.clients)
            case Business():
                return "business" in self.callers
            case _:
                return "resident" in self.callers

    def address(self, parameters: Mapping[str, str]) -> str:
        return self.path.format_map(parameters)

    @override
    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def in_turn(operations: Sequence[Operation]) -> Iterator[list[Operation]]:
    """Yield operations together that leave each other alone: last, and singly, those that end."""
    singly = (*_ONE_AFTER_ANOTHER, *ENDING)
    yield [one for one in operations if one.id not in singly]
    for name in singly:
        if ending := [one for one in operations if one.id == name]:
            yield ending


def operations_of(service: str, application: FastAPI) -> Iterator[Operation]:
    """Yield every operation that a running service describes."""
    policy: PolicyTable = application.state.office.policy
    clients = {row.action: row.clients for row in policy}
    paths: Mapping[str, Mapping[str, Any]] = application.openapi()["paths"]
    for path, described in paths.items():
        for method in _METHODS:
            if method in described:
                acts = described[method]
                yield _operation(service, method.upper(), path, acts, clients[acts["x-permission"]])


def _operation(
    service: str, method: str, path: str, described: Mapping[str, Any], clients: frozenset[str]
) -> Operation:
    content = described.get("requestBody", {}).get("content", {})
    names = {parameter["name"] for parameter in described.get("parameters", [])}
    return Operation(
        id=described["operationId"],
        service=service,
        method=method,
        path=path,
        callers=frozenset(described["x-callers"]),
        roles=frozenset(described["x-roles"]),
        clients=clients,
        purposes=tuple(Purpose(purpose) for purpose in described["x-purposes"]),
        is_personal=described["x-personal-data"],
        reads_json="application/json" in content,
        needs_key="Idempotency-Key" in names,
    )
