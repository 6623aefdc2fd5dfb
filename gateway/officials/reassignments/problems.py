"""What can be refused about a list of reassignments.

Problem
├── NotFound
│   └── ReassignmentNotFound        404
├── InvalidInput
│   └── NotAReassignmentList        422
└── Conflict
    ├── ReassignmentHasFaults       409
    └── ReassignmentStateConflict   409
"""

from http import HTTPStatus

from foundation.problems import Conflict, NotFound, Problem


class ReassignmentNotFound(NotFound):
    """No such list in this municipality."""

    slug = "platform/reassignment-not-found"
    title = "There is no such list of reassignments."
    title_ja = "該当する人事異動の一覧がありません。"
    remedy = "Load the list again."
    remedy_ja = "一覧をもう一度読み込んでください。"


class NotAReassignmentList(Problem):
    """The file cannot be read as a list at all."""

    slug = "platform/not-a-reassignment-list"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The file cannot be read as a list of reassignments."
    title_ja = "人事異動の一覧として読み取れません。"
    remedy = "Save it as CSV with the columns 職員番号 (or メールアドレス), 役割 and 終了日."
    remedy_ja = (
        "1行目に「職員番号(またはメールアドレス)」「役割」「終了日」の見出しを付け、CSV 形式"
        "(UTF-8 または Shift_JIS、2,000行まで)で保存してください。"
    )


class ReassignmentHasFaults(Conflict):
    """A list is carried out whole or not at all."""

    slug = "platform/reassignment-has-faults"
    title = "The list has faults, so nothing of it is carried out."
    title_ja = "一覧に誤りがあるため、確定できません。"
    remedy = "Correct the listed lines and load the list again."
    remedy_ja = "示された行を直して、もう一度読み込んでください。"


class ReassignmentStateConflict(Conflict):
    """It was confirmed or thrown away, or its day has come."""

    slug = "platform/reassignment-state-conflict"
    title = "The list can no longer be confirmed or thrown away."
    title_ja = "この一覧は、すでに確定または破棄されたか、異動日を過ぎています。"
    remedy = "Load the list again if it is still needed."
    remedy_ja = "必要であれば、もう一度読み込んでください。"
