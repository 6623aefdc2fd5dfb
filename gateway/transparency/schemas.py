"""How an entry of the trail is shown to the resident it is about."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from foundation.web import Wire


class AccessRead(Wire):
    """One act on a resident's data, as the resident sees it."""

    reference: UUID = Field(description="自治体に問い合わせるときに伝える番号")
    at: datetime
    service: str
    action: str
    actor_kind: str
    by_yourself: bool
    purpose: str | None
    decision: str
    summary: str = Field(
        description="この記録を英語の一文で述べたもの",
        examples=["An official of the municipality used information of benefits (purpose: audit)."],
    )
    summary_ja: str = Field(
        description="この記録を一文で述べたもの",
        examples=["自治体の職員が、支払のために、給付の情報を利用しました。"],
    )
