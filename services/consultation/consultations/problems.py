"""What can be refused about a progress record.

Problem
├── NotFound
│   └── RecordNotFound        404
├── Forbidden
│   └── RecordOfColleague     403
└── Conflict
    └── RecordSuperseded      409
"""

from foundation.problems import Conflict, Forbidden, NotFound


class RecordNotFound(NotFound):
    """No such record in this case; a record of another case is none of this one."""

    slug = "consultation/record-not-found"
    title = "There is no such progress record in this case."
    title_ja = "このケースに、該当する支援経過記録がありません。"
    remedy = "Choose a record from the list of the case."
    remedy_ja = "ケースの支援経過記録の一覧から選び直してください。"


class RecordOfColleague(Forbidden):
    """A record is corrected by its author, or by the lead of the case."""

    slug = "consultation/record-of-colleague"
    title = "A colleague wrote this record."
    title_ja = "この支援経過記録は、ほかの職員が書いたものです。"
    remedy = "Ask its author or the lead of the case to correct it."
    remedy_ja = "記録した職員またはケースの主担当に、訂正を依頼してください。"


class RecordSuperseded(Conflict):
    """A record is corrected once; the next correction corrects the one that came in its place."""

    slug = "consultation/record-superseded"
    title = "This record has been corrected already."
    title_ja = "この支援経過記録は、すでに訂正されています。"
    remedy = "Read the record that came in its place and correct that one."
    remedy_ja = "訂正後の支援経過記録を確認し、必要であればそれを訂正してください。"
