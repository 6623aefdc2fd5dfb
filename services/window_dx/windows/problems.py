"""What can be refused about a window.

Problem
├── WindowNotFound        404
└── Conflict
    └── WindowCodeTaken   409
"""

from http import HTTPStatus

from foundation.problems import Conflict, Problem


class WindowNotFound(Problem):
    """No such window in this municipality."""

    slug = "window-dx/window-not-found"
    status = HTTPStatus.NOT_FOUND
    title = "There is no such window."
    title_ja = "該当する窓口がありません。"
    remedy = "Choose a window from the list."
    remedy_ja = "窓口の一覧から選び直してください。"


class WindowCodeTaken(Conflict):
    """A code names one window."""

    slug = "window-dx/window-code-taken"
    title = "Another window has this code."
    title_ja = "この窓口コードは、すでに使われています。"
    remedy = "Choose another code."
    remedy_ja = "別の窓口コードを指定してください。"
