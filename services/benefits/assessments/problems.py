"""What can be refused about a decision.

Problem
└── NotFound
    └── DecisionNotFound  404
"""

from foundation.problems import NotFound


class DecisionNotFound(NotFound):
    """Nothing was decided yet, or the application is not this caller's to see."""

    slug = "benefits/decision-not-found"
    title = "There is no decision on this application yet."
    title_ja = "この申請については、まだ決定がありません。"
    remedy = "Wait for the decision, or ask the benefits section."
    remedy_ja = "決定をお待ちいただくか、給付の担当課にお問い合わせください。"
