"""What is refused when the access log is asked.

Problem
├── LineNotFound    404
└── InvalidPeriod   422
"""

from http import HTTPStatus

from foundation.problems import Problem


class LineNotFound(Problem):
    """No such request was this municipality's, or it is forgotten by now."""

    slug = "platform/access-log-line-not-found"
    status = HTTPStatus.NOT_FOUND
    title = "There is no such request in the access log."
    title_ja = "この番号のリクエストは、記録にありません。"
    remedy = "Copy the number from the answer's X-Request-Id; lines are kept for about a year."
    remedy_ja = "応答の X-Request-Id の番号を確かめてください。記録の保存は約 1 年です。"


class InvalidPeriod(Problem):
    """A period that ends before it begins holds nothing, and was meant otherwise."""

    slug = "platform/invalid-period"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The period ends before it begins."
    title_ja = "期間の終わりが始まりより前になっています。"
    remedy = "Give a `since` that is earlier than `until`."
    remedy_ja = "since には until より前の日時を指定してください。"
