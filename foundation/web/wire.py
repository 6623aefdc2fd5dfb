"""What goes over the wire: exactly what was agreed, nothing more, and nothing bent into shape.

A yen amount is not a text, a day is not a number, an unknown member is a mistake worth hearing of.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Annotated, Any, Generic, Self, TypeVar, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    WrapValidator,
)
from pydantic_core import PydanticCustomError

from foundation import money
from foundation.database import Row
from foundation.identifiers import MunicipalityCode

from .documents import JsonDocument

T = TypeVar("T")


class Wire(BaseModel):
    """The base of every document that is received or sent.

    Bodies are judged as JSON: dates, UUIDs and enums are read from texts of the exact form, and a
    number is never read from a text. A `before` or `wrap` model validator would switch that off
    (what it hands on is judged as a Python value), so a model adds `after` validators only.
    """

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
        hide_input_in_errors=True,
    )

    @classmethod
    def of_row(cls, row: Row) -> Self:
        """Make an answer of a row whose columns are called as its members are; others stay out.

        What is kept was judged when it came in and is not judged again: a long list costs a tenth.
        That each value is of the type promised is seen when the answer is written.

        Raises:
            KeyError: a member has no column, or a column holds a word that its member cannot be.
        """
        columns = _columns_of(cls)
        members: dict[str, Any] = {name: row[name] for name in columns.names}
        for name, words in columns.words:
            if (word := members[name]) is not None:
                members[name] = words[word]
        answer, keep = cls.__new__(cls), object.__setattr__  # for everybody else it is frozen
        keep(answer, "__dict__", members)
        keep(answer, "__pydantic_fields_set__", set(columns.names))
        keep(answer, "__pydantic_extra__", None)
        keep(answer, "__pydantic_private__", None)
        return answer


@dataclass(frozen=True, slots=True)
class _Columns:
    """What of a row becomes one kind of answer."""

    names: tuple[str, ...]
    words: tuple[tuple[str, Mapping[Any, Enum]], ...]
    """Members that are one of several words, by what the database keeps for each."""


@cache
def _columns_of(kind: type[Wire]) -> _Columns:
    words = [
        (name, {word.value: word for word in choice})
        for name, field in kind.model_fields.items()
        for choice in (field.annotation, *get_args(field.annotation))
        if isinstance(choice, type) and issubclass(choice, Enum)
    ]
    return _Columns(tuple(kind.model_fields), tuple(words))


class Listing(Wire, Generic[T]):
    """One page of a list."""

    items: list[T]
    next_cursor: Annotated[str, Field(max_length=512)] | None = Field(
        default=None, description="続きを読むためのカーソル。最後のページでは null。"
    )
    has_more: bool = Field(default=False, description="続きがあるかどうか。")


def from_document(annotation: Any) -> Any:
    """Return the annotation of a body parameter, made to judge a `JsonDocument` as JSON."""
    adapter: TypeAdapter[Any] = TypeAdapter(annotation)

    def judge(value: Any, otherwise: Any) -> Any:
        if isinstance(value, JsonDocument):
            return adapter.validate_json(value.canonical)
        return otherwise(value)

    return Annotated[annotation, WrapValidator(judge)]


def _parse_code(text: str) -> MunicipalityCode:
    try:
        return MunicipalityCode.parse(text)
    except ValueError as error:
        raise PydanticCustomError(
            "municipality_code",
            "It is not a municipality code: six digits, the last of which checks the others.",
        ) from error


MunicipalityCodeField = Annotated[
    str,
    Field(pattern=r"^[0-9]{6}$", examples=["012084"], description="全国地方公共団体コード"),
    AfterValidator(_parse_code),
]
"""A six-digit code whose check digit holds; arrives as a `MunicipalityCode`."""

Yen = Annotated[
    int,
    Field(ge=0, le=money.MAXIMUM, examples=[30000], description="金額(円)"),
    AfterValidator(money.yen),
]
"""A whole, non-negative amount; arrives as `foundation.money.Yen`."""

PositiveYen = Annotated[
    int,
    Field(ge=1, le=money.MAXIMUM, examples=[30000], description="金額(円)"),
    AfterValidator(money.yen),
]

_UNSEEN = r"\x00-\x1f\x7f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff"
"""Control signs, breaks of a line, and what has no width or turns the direction of reading."""

Line = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        pattern=rf"^[^{_UNSEEN}]*[^\x20　{_UNSEEN}][^{_UNSEEN}]*$",
    ),
]
"""One line of text with something in it: a title, a name, a label.

What stands there is what is seen: a sentence that is signed must not be read in another order.
The selectors of a character's variant (IVS) are part of a name and stay.
"""

Prose = Annotated[
    str,
    Field(min_length=1, max_length=20_000, pattern=r"^[^\x00]*[^\x00-\x20\x7f　][^\x00]*$"),
]
"""A text of several lines with something in it."""

Kana = Annotated[
    str,
    Field(
        min_length=1, max_length=120, pattern=r"^[ァ-ヺー・ヽヾ 　]+$", examples=["キタミ ハナコ"]
    ),
]
"""Full-width katakana, as names are read aloud and banks print them."""

AccountNumber = Annotated[str, Field(pattern=r"^[0-9]{7}$", examples=["0012345"])]
BankCode = Annotated[str, Field(pattern=r"^[0-9]{4}$", examples=["0001"])]
BranchCode = Annotated[str, Field(pattern=r"^[0-9]{3}$", examples=["001"])]

Version = Annotated[int, Field(ge=1, le=2**31 - 1, description="版。ETag と同じ番号。")]
