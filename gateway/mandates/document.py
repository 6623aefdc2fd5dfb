"""A mandate in words and in bytes, so that whoever gives it can put their name to exactly that.

Two persons, what the one may do for the other, and the days between which: all of it is in the
bytes, so a signature under one mandate says nothing of any other.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import UUID

from gateway.representations.domain import RULES, Act, Proposal

FORM: Final = "platform.mandate/1"

ACTS_JA: Final[Mapping[Act, str]] = {
    Act.SEE_BENEFITS: "給付の案内と申請の内容を見ること",
    Act.APPLY_FOR_BENEFITS: "給付を申請すること",
    Act.SEE_RECORD: "住民登録の内容を見ること",
    Act.BE_RECEIVED: "窓口の予約と手続きをすること",
    Act.SEE_ACCESS_LOG: "情報の利用記録を見ること",
}
"""Each act as the giver reads it on the screen on which they sign."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandate:
    """What somebody asks another to do for them.

    The holder is named twice: by the code they showed, which the giver can compare, and by a keyed
    tag of their sign-in, which stays theirs when the code is long used up.
    """

    municipality_code: str
    municipality_name: str
    represented_id: UUID
    holder_code: str
    holder_tag: bytes
    relationship: str
    proposal: Proposal
    ends_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A mandate in words, and the bytes that are signed: UTF-8 of `text`."""

    statement: str
    text: str = field(repr=False)

    @property
    def digest(self) -> bytes:
        """SHA-256 of the document."""
        return hashlib.sha256(self.text.encode()).digest()


def document_of(mandate: Mandate) -> Document:
    """Write a mandate down: members sorted, no space between them, text as it is.

    Source: the form of RFC 8785 §3.2 for the texts, truths and lists that occur here.
    """
    proposal, statement = mandate.proposal, _statement(mandate)
    facts = {
        "form": FORM,
        "statement": statement,
        "municipality_code": mandate.municipality_code,
        "municipality_name": mandate.municipality_name,
        "represented_id": str(mandate.represented_id),
        "holder_code": mandate.holder_code,
        "holder_tag": mandate.holder_tag.hex(),
        "relationship": mandate.relationship,
        "kind": RULES[proposal.ground].kind,
        "ground": proposal.ground.value,
        "acts": sorted(act.value for act in proposal.acts),
        "may_receive": proposal.may_receive,
        "starts_on": proposal.starts_on.isoformat(),
        "ends_on": mandate.ends_on.isoformat(),
    }
    text = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return Document(statement=statement, text=text)


def _statement(mandate: Mandate) -> str:
    granted = sorted(mandate.proposal.acts, key=lambda act: act.value)
    acts = "、".join(ACTS_JA[act] for act in granted)
    received = "含みます" if mandate.proposal.may_receive else "含みません"
    return (
        f"{mandate.municipality_name}での手続きについて、番号「{mandate.holder_code}」を示した方"
        f"(続柄:{mandate.relationship})を代理人とし、{_day(mandate.proposal.starts_on)}から"
        f"{_day(mandate.ends_on)}まで、次のことを任せます。{acts}。"
        f"お金の受け取りは{received}。"
    )


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
