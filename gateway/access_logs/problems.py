"""What is refused when the access log is asked.

Problem
└── InvalidPeriod   422
"""

from http import HTTPStatus

from foundation.problems import Problem


class InvalidPeriod(Problem):
    """A period that ends before it begins holds nothing, and was meant otherwise."""

    slug = "platform/invalid-period"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The period ends before it begins."
    title_ja = "期間の終わりが始まりより前になっています。"
    remedy = "Give a `since` that is earlier than `until`."
    remedy_ja = "since には until より前の日時を指定してください。"
