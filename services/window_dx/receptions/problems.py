"""What can be refused about a reception.

Problem
├── ReceptionNotFound           404
└── Conflict
    └── ReceptionStateConflict  409
"""

from http import HTTPStatus

from foundation.problems import Conflict, Problem


class ReceptionNotFound(Problem):
    """No such reception, or not this caller's to see."""

    slug = "window-dx/reception-not-found"
    status = HTTPStatus.NOT_FOUND
    title = "There is no such reception."
    title_ja = "該当する受付がありません。"
    remedy = "Check the reception, or take a new number."
    remedy_ja = "受付を確認するか、新しい番号をお取りください。"


class ReceptionStateConflict(Conflict):
    """The act does not begin where the reception stands."""

    slug = "window-dx/reception-state-conflict"
    title = "The reception is not in a state that allows this."
    title_ja = "受付の現在の状態では、この操作はできません。"
    remedy = "Read the reception; it may have been called, passed on or finished meanwhile."
    remedy_ja = "受付の状態を確認してください。呼出し・引継ぎ・終了が済んでいる可能性があります。"
