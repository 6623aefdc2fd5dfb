"""What can be refused about a programme.

Problem
├── NotFound
│   └── ProgrammeNotFound       404
└── Conflict
    ├── ProgrammeCodeTaken      409
    └── ProgrammeStateConflict  409
"""

from foundation.problems import Conflict, NotFound


class ProgrammeNotFound(NotFound):
    """No such programme in this municipality, or it is not public yet."""

    slug = "benefits/programme-not-found"
    title = "There is no such benefit programme."
    title_ja = "該当する給付事業がありません。"
    remedy = "Check the address, or choose a programme from the list."
    remedy_ja = "アドレスを確認するか、給付事業の一覧から選び直してください。"


class ProgrammeCodeTaken(Conflict):
    """A code names one programme of a municipality for ever; letters and files quote it."""

    slug = "benefits/programme-code-taken"
    title = "Another programme of this municipality has this code."
    title_ja = "この事業コードは、すでに別の給付事業で使われています。"
    remedy = "Choose another code."
    remedy_ja = "別の事業コードを指定してください。"


class ProgrammeStateConflict(Conflict):
    """The step does not begin where the programme stands."""

    slug = "benefits/programme-state-conflict"
    title = "The programme is not in a state that allows this."
    title_ja = "給付事業の現在の状態では、この操作はできません。"
    remedy = "Read the programme; only a draft can be changed, only a published one is carried out."
    remedy_ja = (
        "給付事業の状態を確認してください。内容の変更は公開前のみ、実施は公開後のみ可能です。"
    )
