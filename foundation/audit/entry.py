"""What one entry of the trail says, and the exact bytes that its seal is over."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal, Self, TypedDict
from uuid import UUID

from typing_extensions import Unpack

from foundation import clock
from foundation.identifiers import TenantId, new_id
from foundation.identity import Caller, Official, Resident

from .merkle import leaf_hash

Decision = Literal["allowed", "denied"]
Detail = Mapping[str, str | int | bool]

_SEALED_AS_IS: Final = (
    "service",
    "actor_kind",
    "actor",
    "client_id",
    "purpose",
    "action",
    "object",
    "decision",
    "request_id",
    "detail",
)


class Facts(TypedDict, total=False):
    """What an entry says besides who acted."""

    service: str
    action: str
    request_id: str
    object: str | None
    subjects: Sequence[UUID]
    decision: Decision
    detail: Detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One deed or refusal.

    `subjects` are the residents whose data it touched; each of them can read the entry. `detail`
    carries counts and codes. Nothing here may be personal data: the trail outlives corrections,
    and is read by auditors who have no business with the resident.
    """

    service: str
    action: str
    actor_kind: str
    actor: str
    client_id: str
    request_id: str
    purpose: str | None = None
    object: str | None = None
    subjects: Sequence[UUID] = ()
    decision: Decision = "allowed"
    detail: Detail = field(default_factory=dict[str, str | int | bool])
    id: UUID = field(default_factory=new_id)
    at: datetime = field(default_factory=clock.now)

    @classmethod
    def of(cls, caller: Caller, **facts: Unpack[Facts]) -> Self:
        """Return an entry about what this caller did, for the purpose the caller named.

        Of a deed done for another it names both: who acted as the actor, and the represented
        person as a subject, so that they find it among the accesses to their data. Of a deed of
        somebody who assists from elsewhere it names their office, and the consent they act under.
        """
        principal = caller.principal
        if isinstance(principal, Resident) and (held := principal.representation) is not None:
            facts["subjects"] = (held.represented_id, *facts.get("subjects", ()))
            facts["detail"] = {
                **facts.get("detail", {}),
                "representation": str(held.representation_id),
                "representation_kind": held.kind,
                "representing": str(held.represented_id),
            }
        if isinstance(principal, Official) and (lent := principal.assistance) is not None:
            facts["detail"] = {
                **facts.get("detail", {}),
                "assistance": str(lent.assistance_id),
                "office": str(lent.office),
            }
        return cls(
            actor_kind=principal.kind,
            actor=principal.subject,
            client_id=principal.client_id,
            purpose=None if caller.purpose is None else str(caller.purpose),
            **facts,
        )

    def row(self, tenant_id: TenantId) -> dict[str, Any]:
        """Return the entry as it is stored, its leaf included."""
        row: dict[str, Any] = {
            "id": self.id,
            "at": self.at,
            "service": self.service,
            "actor_kind": self.actor_kind,
            "actor": self.actor,
            "client_id": self.client_id,
            "purpose": self.purpose,
            "action": self.action,
            "object": self.object,
            "subjects": sorted(set(self.subjects)),
            "decision": self.decision,
            "request_id": self.request_id,
            "detail": _json(self.detail),
        }
        return {**row, "leaf": leaf_hash(canonical(tenant_id, row))}


def canonical(tenant_id: int, row: Mapping[str, Any]) -> bytes:
    """Return the bytes of a stored entry that its leaf is the hash of.

    JSON with sorted keys, no spaces and UTF-8, as RFC 8785 has it for the types we use. The
    transaction number is not in it: it is the entry's place in the tree, which the root seals.
    """
    sealed = {name: row[name] for name in _SEALED_AS_IS}
    at: datetime = row["at"]
    return _json(
        {
            **sealed,
            "tenant_id": tenant_id,
            "id": str(row["id"]),
            "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
            "subjects": [str(subject) for subject in row["subjects"]],
        }
    ).encode()


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(
        value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    )
