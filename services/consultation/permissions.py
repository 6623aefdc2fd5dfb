"""Who may come to the consultation desk at all; what they see there, each case decides.

A case opens only for its members (`cases.policies`). An administrator is let in to the desk so as
to be told what a colleague without a role is told: that there is no such case.
"""

from foundation.authorization import PolicyTable, permission
from foundation.identity import Purpose, Role

_DESK = (Role.COUNSELLOR, Role.ADMINISTRATOR)
_PURPOSE = (Purpose.CONSULTATION,)
_READ, _WRITE = "consultation:read", "consultation:write"

OPEN_CASE = permission(
    "consultation.case.open",
    scope=_WRITE,
    officials=(Role.COUNSELLOR,),
    purposes=_PURPOSE,
    personal=True,
    description_ja="相談を受け付け、ケースを開く",
)
LIST_CASES = permission(
    "consultation.case.list",
    scope=_READ,
    officials=_DESK,
    purposes=_PURPOSE,
    personal=True,
    description_ja="自分が担当するケースの一覧を見る",
)
READ_CASE = permission(
    "consultation.case.read",
    scope=_READ,
    officials=_DESK,
    purposes=_PURPOSE,
    personal=True,
    description_ja="担当するケースを見る",
)
CLASSIFY_CASE = permission(
    "consultation.case.classify",
    scope=_WRITE,
    officials=_DESK,
    purposes=_PURPOSE,
    personal=True,
    description_ja="ケースの相談内容の区分と秘匿の程度を改める",
)
MOVE_CASE = permission(
    "consultation.case.move",
    scope=_WRITE,
    officials=_DESK,
    purposes=_PURPOSE,
    personal=True,
    description_ja="支援を開始、終結、再開する",
)
HAND_OVER_CASE = permission(
    "consultation.case.hand_over",
    scope=_WRITE,
    officials=_DESK,
    purposes=_PURPOSE,
    personal=True,
    description_ja="主担当を引き継ぐ",
)
MANAGE_MEMBERS = permission(
    "consultation.member.manage",
    scope=_WRITE,
    officials=_DESK,
    purposes=_PURPOSE,
    personal=True,
    description_ja="ケースの担当者を加え、改め、外す",
)
ADD_RECORD = permission(
    "consultation.record.add",
    scope=_WRITE,
    officials=_DESK,
    purposes=_PURPOSE,
    personal=True,
    description_ja="支援経過を記録し、または訂正する",
)
LIST_RECORDS = permission(
    "consultation.record.list",
    scope=_READ,
    officials=_DESK,
    purposes=_PURPOSE,
    personal=True,
    description_ja="支援経過記録の一覧を見る",
)
READ_RECORD = permission(
    "consultation.record.read",
    scope=_READ,
    officials=_DESK,
    purposes=_PURPOSE,
    personal=True,
    description_ja="支援経過記録を見る",
)

PERMISSIONS = PolicyTable(
    "consultation",
    [
        OPEN_CASE,
        LIST_CASES,
        READ_CASE,
        CLASSIFY_CASE,
        MOVE_CASE,
        HAND_OVER_CASE,
        MANAGE_MEMBERS,
        ADD_RECORD,
        LIST_RECORDS,
        READ_RECORD,
    ],
)
