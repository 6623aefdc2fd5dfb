"""What a role on a case lets its holder do; whoever has none is not told that there is a case."""

from collections.abc import Mapping, Set as AbstractSet
from enum import StrEnum

from foundation.identity.principal import Role

from .domain import CaseRole, Confidentiality


class Act(StrEnum):
    """What can be done with a case and what belongs to it."""

    READ_CASE = "read_case"
    READ_RECORDS = "read_records"
    ADD_RECORD = "add_record"
    CLASSIFY = "classify"
    MOVE = "move"
    MANAGE_MEMBERS = "manage_members"
    HAND_OVER = "hand_over"


class Decision(StrEnum):
    """`hidden` is told as "there is no such case", `refused` as "this is not yours to do"."""

    GRANTED = "granted"
    REFUSED = "refused"
    HIDDEN = "hidden"


_READER = frozenset({Act.READ_CASE, Act.READ_RECORDS})
_WORKER = _READER | {Act.ADD_RECORD}

GRANTS: Mapping[tuple[CaseRole, Confidentiality], frozenset[Act]] = {
    (CaseRole.READER, Confidentiality.ORDINARY): _READER,
    (CaseRole.READER, Confidentiality.SENSITIVE): _READER,
    # In a case kept strictly, what was said stays with those who give the support.
    (CaseRole.READER, Confidentiality.STRICT): _READER - {Act.READ_RECORDS},
    (CaseRole.WORKER, Confidentiality.ORDINARY): _WORKER,
    (CaseRole.WORKER, Confidentiality.SENSITIVE): _WORKER,
    (CaseRole.WORKER, Confidentiality.STRICT): _WORKER,
    (CaseRole.LEAD, Confidentiality.ORDINARY): frozenset(Act),
    (CaseRole.LEAD, Confidentiality.SENSITIVE): frozenset(Act),
    (CaseRole.LEAD, Confidentiality.STRICT): frozenset(Act),
}


def counsels(duties: AbstractSet[Role]) -> bool:
    """Tell whether an official with these duties can have cases at all.

    A role on a case that was given by mistake to somebody who is no counsellor opens nothing, and
    one who ceases to be a counsellor loses every case at the next sign-in.
    """
    return Role.COUNSELLOR in duties


def decide(
    act: Act,
    *,
    duties: AbstractSet[Role],
    role: CaseRole | None,
    confidentiality: Confidentiality,
) -> Decision:
    """Decide about one act of one official on one case; `role` is None for who has none on it."""
    if role is None or not counsels(duties):
        return Decision.HIDDEN
    return Decision.GRANTED if act in GRANTS[role, confidentiality] else Decision.REFUSED
