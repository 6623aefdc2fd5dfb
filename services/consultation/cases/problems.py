"""What can be refused about a case.

Problem
├── NotFound
│   ├── CaseNotFound          404
│   └── MemberNotFound        404
├── Forbidden
│   └── CaseRoleInsufficient  403
└── Conflict
    ├── CaseStateConflict     409
    ├── LeadNotReplaceable    409
    └── CaseMembersFull       409
"""

from foundation.problems import Conflict, Forbidden, NotFound


class CaseNotFound(NotFound):
    """No such case, or one on which the caller has no role; nobody can tell which."""

    slug = "consultation/case-not-found"
    title = "There is no such case."
    title_ja = "該当するケースがありません。"
    remedy = "Check the case; if you should be taking part, ask its lead to add you."
    remedy_ja = "ケースを確認してください。担当に加わる必要がある場合は、主担当に依頼してください。"


class MemberNotFound(NotFound):
    """The person has no role on this case."""

    slug = "consultation/member-not-found"
    title = "This person is not a member of the case."
    title_ja = "この職員は、このケースの担当ではありません。"
    remedy = "Read the case and choose one of its members."
    remedy_ja = "ケースの担当者を確認し、その中から選んでください。"


class CaseRoleInsufficient(Forbidden):
    """The caller knows the case, but their role on it does not include this act."""

    slug = "consultation/case-role-insufficient"
    title = "Your role on this case does not include this."
    title_ja = "このケースでのあなたの役割では、この操作はできません。"
    remedy = "Ask the lead of the case to do it, or to give you another role."
    remedy_ja = "ケースの主担当に、操作または役割の変更を依頼してください。"


class CaseStateConflict(Conflict):
    """The act does not begin where the case stands."""

    slug = "consultation/case-state-conflict"
    title = "The case is not in a state that allows this."
    title_ja = "ケースの現在の状態では、この操作はできません。"
    remedy = "Read the case; a closed case is reopened before anything is recorded."
    remedy_ja = "ケースの状態を確認してください。終結したケースは、再開してから記録します。"


class LeadNotReplaceable(Conflict):
    """A case has one lead at any time, so the lead is replaced in one step or not at all."""

    slug = "consultation/lead-not-replaceable"
    title = "The lead of a case is neither removed nor given another role."
    title_ja = "主担当を外したり、別の役割に変えたりすることはできません。"
    remedy = "Hand the case over to another member first."
    remedy_ja = "先に、ほかの担当者へ主担当を引き継いでください。"


class CaseMembersFull(Conflict):
    """A case with more confidants keeps no confidence."""

    slug = "consultation/case-members-full"
    title = "The case has as many members as a case may have."
    title_ja = "このケースの担当者は、上限の人数に達しています。"
    remedy = "Remove a member who no longer takes part."
    remedy_ja = "関わりのなくなった担当者を外してください。"
