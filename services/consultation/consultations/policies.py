"""Who may correct what a colleague has written."""

from services.consultation.cases.domain import CaseRole


def may_correct(role: CaseRole, *, recorded_by: str, subject: str) -> bool:
    """Tell whether a member may correct a record: its author, or who answers for the case."""
    match role:
        case CaseRole.LEAD:
            return True
        case CaseRole.WORKER:
            return recorded_by == subject
        case CaseRole.READER:
            return False
