"""The shapes of the counter: a code for the person, a decision for the official."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from foundation.web import Line, Version, Wire
from gateway.bindings.domain import Evidence, SlipState

Code = Annotated[
    str,
    Field(
        min_length=8,
        max_length=20,
        description="ご本人の画面に表示された番号。区切りや大文字・小文字は問わない。",
        examples=["K7QM-3X0D"],
    ),
]


class SlipRead(Wire):
    """A code to show at the counter; only the person it belongs to sees it."""

    id: UUID
    code: str = Field(examples=["K7QM-3X0D"])
    state: SlipState
    expires_at: datetime
    version: Version


class SlipFind(Wire):
    """The code somebody shows."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "K7QM-3X0D"}]})

    code: Code


class SlipFound(Wire):
    """What an official sees of a slip: which record it is probably about, and no name."""

    id: UUID
    state: SlipState
    candidate_id: UUID | None = Field(description="住民登録の候補。書類で確かめてから結び付ける。")
    proposed_id: UUID | None = Field(description="二人目の確認を待っている住民登録。")
    expires_at: datetime
    version: Version


class BindingCreate(Wire):
    """An official saw a document and binds a sign-in to a record."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "K7QM-3X0D",
                    "resident_id": "01890a5d-ac96-774b-bcce-b302099a8057",
                    "evidence": "individual_number_card",
                    "supersede": False,
                }
            ]
        }
    )

    code: Code
    resident_id: UUID
    evidence: Evidence = Field(description="窓口で確認した本人確認書類。")
    supersede: bool = Field(
        default=False, description="カードの更新など、以前の結び付けに代わるとき true。"
    )


class BindingRead(Wire):
    """What became of it."""

    slip_id: UUID
    resident_id: UUID
    state: Literal["settled", "awaiting_second"]
    superseded: bool = Field(description="以前の結び付けが終了したかどうか。")


class BindingRelease(Wire):
    """Why a binding ends."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "別人のカードだったため"}]}
    )

    reason: Line = Field(description="解除の理由。暗号化して保存し、記録には残さない。")


class BindingReleased(Wire):
    """What ended with it; every token of these sessions is refused within a second."""

    resident_id: UUID
    sessions_ended: int


class Succession(Wire):
    """The code that the new sign-in shows."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "K7QM-3X0D"}]})

    code: Code
