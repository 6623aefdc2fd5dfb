"""The shapes of representation: as an official records it and as the two persons see it."""

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, JsonValue, model_validator

from foundation.identity import RepresentationKind
from foundation.web import Line, Version, Wire
from gateway.counter.schemas import Code
from gateway.representations.domain import Act, Evidence, Ground, Recorded, State

from .document import Document

Relationship = Annotated[
    str,
    # It stands in brackets in the sentence that is signed: no sign of it may end or turn that.
    Field(
        min_length=1,
        max_length=20,
        pattern="^[0-9A-Za-z\uff10-\uff19々ぁ-ゖァ-ヺ・ー\u3400-\u4dbf\u4e00-\u9fff]+$",
        description="代理される方から見た続柄。利用記録と、署名する文に使う。"
        "文字と数字、「・」「ー」だけ。",
        examples=["母"],
    ),
]
Acts = Annotated[
    frozenset[Act], Field(min_length=1, description="代理できる行為。ここにない行為はできない。")
]
_RECORDED: dict[str, JsonValue] = {
    "examples": [
        {
            "represented_id": "01890a5d-ac96-774b-bcce-b302099a8057",
            "holder": {"code": "K7QM-3X0D", "resident_id": None},
            "ground": "parent",
            "relationship": "母",
            "acts": ["benefits.see", "benefits.apply"],
            "may_receive": False,
            "evidence": {"kind": "family_register", "number": None, "seen_on": "2026-11-23"},
            "starts_on": "2026-11-23",
            "ends_on": None,
            "recorder_is_holder": False,
        }
    ]
}

_ASKED: dict[str, JsonValue] = {
    "holder_code": "K7QM-3X0D",
    "relationship": "子",
    "acts": ["benefits.see"],
    "starts_on": "2026-11-23",
    "ends_on": "2027-03-31",
}
_WRITTEN: dict[str, JsonValue] = {
    "statement": "北見市での手続きについて、番号「K7QM-3X0D」を示した方(続柄:子)を代理人とし、"
    "2026年11月23日から2027年3月31日まで、次のことを任せます。給付の案内と申請の内容を見ること。"
    "お金の受け取りは含みません。",
    "document": '{"acts":["benefits.see"],"ends_on":"2027-03-31","form":"platform.mandate/1"}',
    "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "purpose": "platform.representation.request",
}


class HolderNamed(Wire):
    """Who is to act: by the code they show, or by their record; one of the two."""

    code: Code | None = None
    resident_id: UUID | None = None

    @model_validator(mode="after")
    def _one_of_the_two(self) -> Self:
        if (self.code is None) == (self.resident_id is None):
            raise ValueError("Name the holder by code or by resident_id.")
        return self


class EvidenceSeen(Wire):
    """The document an official saw; its number is kept sealed."""

    kind: Evidence
    number: Annotated[Line, Field(max_length=64)] | None = None
    seen_on: date


class RepresentationRecord(Wire):
    """A right to act for somebody, as the document shows it."""

    model_config = ConfigDict(json_schema_extra=_RECORDED)

    represented_id: UUID
    holder: HolderNamed
    ground: Ground
    relationship: Relationship
    acts: Acts
    may_receive: bool = Field(
        default=False, description="本人名義でない口座への振込を認める(受領の代理)。"
    )
    evidence: EvidenceSeen
    starts_on: date
    ends_on: date | None = Field(
        default=None, description="最終日。未成年者については成年に達する前日に自動で終わる。"
    )
    recorder_is_holder: bool = Field(
        description="登録する職員自身が代理人かどうか。true のときは登録できない。"
    )


class MandateDraft(Wire):
    """Whom a resident asks to act for them, in what, and between which days."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ASKED]})

    holder_code: Code
    relationship: Relationship
    acts: Acts
    starts_on: date
    ends_on: date


class RepresentationRequest(MandateDraft):
    """Whom a resident asks to act for them; a signature over exactly this may be named."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ASKED | {"signature_id": None}]})

    signature_id: UUID | None = Field(
        default=None,
        description="この内容の文書に対する、30 日以内の電子署名。ほかの委任には使えない。",
    )


class MandateDocument(Wire):
    """What is signed: the UTF-8 bytes of `document`, of which `digest` is SHA-256."""

    model_config = ConfigDict(json_schema_extra={"examples": [_WRITTEN]})

    statement: str = Field(
        description="何を任せるのかを、本人に分かる言葉で。署名を求めるときにこのまま使う。"
    )
    document: str = Field(
        description="署名する文書。この文字列の UTF-8 バイト列のハッシュ値に署名する。"
    )
    digest: Annotated[
        str,
        Field(pattern="^[0-9a-f]{64}$", description="文書の SHA-256 ハッシュ値(16 進小文字)。"),
    ]
    purpose: Literal["platform.representation.request"] = Field(
        description="署名を求めるときの `purpose`。"
    )

    @classmethod
    def of(cls, document: Document) -> Self:
        return cls(
            statement=document.statement,
            document=document.text,
            digest=document.digest.hex(),
            purpose="platform.representation.request",
        )


class RepresentationEnd(Wire):
    """Why a right ends, in a code: who withdrew it and why lies with the municipality's papers."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "court_decision"}]})

    reason: Annotated[
        str,
        Field(pattern="^[a-z_]{1,40}$", examples=["court_decision"], description="事由。"),
    ]


class RepresentationRead(Wire):
    """A right to act for another."""

    id: UUID
    represented_id: UUID
    holder_id: UUID | None = Field(description="代理人がこの自治体の住民のとき、その番号。")
    kind: RepresentationKind
    ground: Ground
    relationship: str
    acts: list[Act]
    scopes: list[str] = Field(description="この代理で受け取れるトークンの範囲の上限。")
    may_receive: bool
    evidence: Evidence
    state: State
    starts_on: date
    ends_on: date | None
    is_in_force: bool
    version: Version

    @classmethod
    def of(cls, right: Recorded, *, today: date) -> "RepresentationRead":
        return cls(
            id=right.id,
            represented_id=right.represented_id,
            holder_id=right.holder_id,
            kind=right.kind,
            ground=right.ground,
            relationship=right.relationship,
            acts=sorted(right.acts),
            scopes=sorted(right.scopes),
            may_receive=right.may_receive,
            evidence=right.evidence,
            state=right.state,
            starts_on=right.starts_on,
            ends_on=right.ends_on,
            is_in_force=right.is_in_force(today),
            version=right.version,
        )


class Barring(Wire):
    """From whom a protected person is protected (支援措置の相手方)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "represented_id": "01890a5d-ac96-774b-bcce-b302099a8057",
                    "barred_id": "01890a5d-ac96-774b-bcce-b302099a8058",
                }
            ]
        }
    )

    represented_id: UUID
    barred_id: UUID


class Barred(Wire):
    """What was recorded, and how many rights ended with it."""

    represented_id: UUID
    barred_id: UUID
    representations_ended: int
    of_unknown_holders: int = Field(
        description="うち、代理人のサインインが住民登録と結び付いておらず、相手方かどうかを確認"
        "できないため終了した件数。相手方でないと確認できたものは、登録し直す。"
    )
