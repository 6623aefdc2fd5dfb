"""What others are told about signatures."""

from dataclasses import dataclass
from typing import ClassVar

from foundation.events import Event


@dataclass(frozen=True, kw_only=True)
class SignatureVerified(Event):
    """A signature holds; `subject_id` is the signature."""

    type_: ClassVar[str] = "platform.signature.verified.v1"

    purpose: str
    holder_match: str


@dataclass(frozen=True, kw_only=True)
class SignatureRefused(Event):
    """A signature does not hold, or was not made; `subject_id` is the signature."""

    type_: ClassVar[str] = "platform.signature.refused.v1"

    purpose: str
    refusal: str
