"""How a caller is told who they are."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from foundation.identity import RepresentationKind
from foundation.web import Wire
from gateway.directory.schemas import MunicipalityRead


class NextStep(Wire):
    """What to do now, in a sentence for a person."""

    ja: str
    en: str


class SlipShown(Wire):
    """The code to show at the counter, while it is good."""

    id: UUID
    code: str = Field(examples=["K7QM-3X0D"])
    expires_at: datetime


class BindingRead(Wire):
    """How a signed-in resident stands to the register; never whether their like is in it."""

    status: Literal["bound", "unmatched", "unavailable"]
    resident_id: UUID | None
    next_step: NextStep | None
    slip: SlipShown | None = Field(default=None, description="窓口で示す番号(受け取ったとき)。")


class BusinessRead(Wire):
    """The business somebody came for; its identifier is one of this municipality alone."""

    business_id: str
    role: Literal["prime", "member", "entry"]
    """prime(代表者)、member(従業員など)、entry(確認を受けていないアカウント)。"""
    name: str | None
    corporate_number: str | None
    may_move_money: bool
    """給付の請求など、お金の動く手続きができるかどうか。"""


class RepresentationHeld(Wire):
    """For whom the caller acts, and by what right."""

    id: UUID
    kind: RepresentationKind
    represented_id: UUID
    may_receive: bool


class AssistanceHeld(Wire):
    """From which office the caller assists, and by which consent."""

    id: UUID
    office_code: str = Field(examples=["010006"])


class MeRead(Wire):
    """Who the access token says is calling."""

    kind: Literal["resident", "official", "business", "machine"]
    subject: str
    client_id: str
    municipality: MunicipalityRead
    scopes: list[str]
    roles: list[str]
    acr: str | None
    auth_time: datetime | None
    binding: Literal["bound", "unmatched", "unavailable"] | None
    resident: BindingRead | None
    representation: RepresentationHeld | None = Field(
        default=None, description="ほかの人の代理として操作しているとき。"
    )
    assistance: AssistanceHeld | None = Field(
        default=None, description="ほかの団体の職員として支援しているとき。"
    )
    business: BusinessRead | None = None
