"""What can be refused about a decision.

Problem
└── NotFound
    ├── DecisionNotFound     404
    └── CorrectionNotAsked   404
"""

from foundation.problems import NotFound


class DecisionNotFound(NotFound):
    """Nothing was decided yet, or the application is not this caller's to see."""

    slug = "benefits/decision-not-found"
    title = "There is no decision on this application yet."
    title_ja = "この申請については、まだ決定がありません。"
    remedy = "Wait for the decision, or ask the benefits section."
    remedy_ja = "決定をお待ちいただくか、給付の担当課にお問い合わせください。"


class CorrectionNotAsked(NotFound):
    """The section never sent the application back."""

    slug = "benefits/correction-not-asked"
    title = "No correction of this application was asked for."
    title_ja = "この申請について、補正の求めはありません。"
    remedy = "Read the application to see where it stands."
    remedy_ja = "申請の状況をご確認ください。補正の必要はありません。"
