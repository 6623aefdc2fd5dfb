"""The decision itself: default deny.

First who, then with which scope, then for what purpose; and last, how surely it is they. Only
somebody who may do the act is told to prove themselves once more for it.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from foundation.identity import Business, Caller, Machine, Official, Resident
from foundation.problems import Forbidden, Problem, PurposeNotAllowed, PurposeRequired

from .assurance import Assurance
from .permissions import Permission


class Denied(Exception):
    """A refusal to be recorded; `problem` is what the caller is told.

    Of what the caller is not told the record may still speak: `subjects` are the residents whom
    the attempt concerned, and `alert` an event for those who must know of it. What the attempt
    brought to light and must stand, though the request's own work is undone, is done by `settle`
    in the transaction that records the refusal.
    """

    def __init__(
        self,
        problem: Problem,
        *,
        subjects: Sequence[UUID] = (),
        alert: object = None,
        settle: Callable[[Any], Awaitable[object]] | None = None,
    ) -> None:
        super().__init__(type(problem).__name__)
        self.problem = problem
        self.subjects = tuple(subjects)
        self.alert = alert
        self.settle = settle


class PolicyTable:
    """Every act a service knows; an act that is not listed cannot be declared on an operation."""

    def __init__(self, service: str, permissions: Iterable[Permission]) -> None:
        self.service = service
        self._rows: dict[str, Permission] = {}
        for row in permissions:
            if row.action in self._rows or not row.action.startswith(f"{service}."):
                raise ValueError(f"{row.action} is listed twice or is not an act of {service}.")
            self._rows[row.action] = row

    def __iter__(self) -> Iterator[Permission]:
        return iter(self._rows.values())

    def __contains__(self, row: object) -> bool:
        return isinstance(row, Permission) and self._rows.get(row.action) == row

    def decide(self, caller: Caller, row: Permission) -> Caller:
        """Return the caller with the purpose of this act settled.

        A resident may act without stating a purpose; it is the act's own. An official or a machine
        states one where the act serves several.

        Raises:
            Denied: holding Forbidden, PurposeRequired or PurposeNotAllowed (all 403: that an
                operation exists is public in the OpenAPI; only what it would show is not), or
                StepUpRequired (401).
        """
        is_open = row in self and self._open_to(caller, row)
        if _acts_for_another(caller) and not (is_open and _has_scope(caller, row)):
            raise Denied(
                Forbidden(
                    "This was not entrusted to you; ask the person you act for.",
                    detail_ja="この操作は任されていません。代理を頼んだ本人に相談してください。",
                )
            )
        if not is_open:
            raise Denied(
                Forbidden("This act is not yours to do.", detail_ja="この操作の権限がありません。")
            )
        if not _has_scope(caller, row):
            raise Denied(
                Forbidden(
                    f"The access token lacks the scope {row.scope}.",
                    detail_ja=f"アクセストークンに {row.scope} の範囲が含まれていません。",
                )
            )
        settled = self._with_purpose(caller, row)
        if row.assurance is not None:
            self._require_assurance(caller, row.assurance)
        return settled

    @staticmethod
    def _with_purpose(caller: Caller, row: Permission) -> Caller:
        if caller.purpose is None:
            if len(row.purposes) > 1 and not isinstance(caller.principal, Resident):
                raise Denied(PurposeRequired(allowed=[str(purpose) for purpose in row.purposes]))
            return replace(caller, purpose=next(iter(row.purposes)))
        if caller.purpose not in row.purposes:
            raise Denied(PurposeNotAllowed(allowed=[str(purpose) for purpose in row.purposes]))
        return caller

    @staticmethod
    def _require_assurance(caller: Caller, assurance: Assurance) -> None:
        principal = caller.principal
        if isinstance(principal, Machine) or not assurance.is_met_by(principal):
            raise Denied(assurance.refusal())

    @staticmethod
    def _open_to(caller: Caller, row: Permission) -> bool:
        match caller.principal:
            case Resident(representation=representation):
                return row.residents and not (row.in_person and representation is not None)
            case Official(roles=roles, assistance=lent):
                is_theirs = row.without_role or not roles.isdisjoint(row.roles)
                return is_theirs and not (row.own_officials and lent is not None)
            case Business():
                return row.businesses
            case Machine(client_id=client_id):
                return row.machines and (not row.clients or client_id in row.clients)


def _has_scope(caller: Caller, row: Permission) -> bool:
    return not row.scope or row.scope in caller.principal.scopes


def _acts_for_another(caller: Caller) -> bool:
    principal = caller.principal
    return isinstance(principal, Resident) and principal.representation is not None
