"""What goes over the wire is exactly what was agreed; nothing is bent until it fits."""

import json
from datetime import date
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import pytest
from hypothesis import given, strategies as st
from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from foundation.identifiers import MunicipalityCode
from foundation.web import Kana, Line, Listing, MunicipalityCodeField, Version, Wire, Yen
from foundation.web.documents import JsonDocument
from foundation.web.wire import from_document

NUMBER = "01890a5d-ac96-774b-bcce-b302099a8057"


class Colour(StrEnum):
    RED = "red"


class Inner(Wire):
    count: Annotated[int, Field(ge=0)]


class Sample(Wire):
    id: UUID
    on: date
    amount: Yen
    code: MunicipalityCodeField
    colour: Colour
    flag: bool
    inner: Inner
    tags: tuple[Line, ...] = ()


GOOD: dict[str, Any] = {
    "id": NUMBER,
    "on": "2026-04-01",
    "amount": 30_000,
    "code": "012084",
    "colour": "red",
    "flag": True,
    "inner": {"count": 0},
    "tags": ["x"],
}


def _read(content: Any) -> Sample:
    adapter: TypeAdapter[Sample] = TypeAdapter(from_document(Sample))
    return adapter.validate_python(JsonDocument.read(json.dumps(content).encode()))


class TestWire:
    def test_reads_days_ids_and_enums_from_their_texts(self) -> None:
        sample = _read(GOOD)
        assert (sample.id, sample.on) == (UUID(NUMBER), date(2026, 4, 1))
        assert sample.colour is Colour.RED
        assert isinstance(sample.code, MunicipalityCode)
        assert sample.tags == ("x",)

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("amount", "30000"),
            ("amount", 30000.5),
            ("amount", True),
            ("amount", -1),
            ("amount", 10**13),
            ("flag", "true"),
            ("flag", 1),
            ("on", 0),
            ("on", "2026-04-01T00:00:00Z"),
            ("on", "2026-02-30"),
            ("on", "2026-4-1"),
            ("id", NUMBER.encode().hex()),
            ("id", 1),
            ("code", "012085"),
            ("code", "０１２０８４"),
            ("code", 12084),
            ("colour", "RED"),
            ("inner", {"count": "0"}),
            ("inner", {"count": 0, "more": 1}),
            ("inner", [0]),
            ("tags", "x"),
            ("tags", [""]),
            ("tags", ["a\nb"]),
            ("tags", [" "]),
            ("id", None),
        ],
        ids=str,
    )
    def test_takes_nothing_for_something_else(self, name: str, value: Any) -> None:
        with pytest.raises(ValidationError) as refused:
            _read({**GOOD, name: value})
        assert refused.value.errors()[0]["loc"][0] == name

    @given(name=st.text(min_size=1).filter(lambda name: name not in GOOD and "\x00" not in name))
    def test_knows_no_member_it_was_not_told_of(self, name: str) -> None:
        if any("\ud800" <= character <= "\udfff" for character in name):
            return
        with pytest.raises(ValidationError):
            _read({**GOOD, name: 1})

    @given(value=st.text() | st.floats() | st.none() | st.lists(st.integers()) | st.booleans())
    def test_takes_no_amount_but_a_whole_number(self, value: Any) -> None:
        adapter: TypeAdapter[int] = TypeAdapter(Yen)
        with pytest.raises(ValidationError):
            adapter.validate_json(json.dumps(value), strict=True)

    @given(st.integers(0, 9_999_999_999_999))
    def test_takes_every_amount_a_budget_can_hold(self, amount: int) -> None:
        assert _read({**GOOD, "amount": amount}).amount == amount

    @pytest.mark.parametrize("spelling", ["30000", "30000.0", "3e4", "3.0E+4"])
    def test_knows_a_whole_number_in_each_of_its_spellings(self, spelling: str) -> None:
        raw = json.dumps(GOOD).replace("30000", spelling).encode()
        adapter: TypeAdapter[Sample] = TypeAdapter(from_document(Sample))
        assert adapter.validate_python(JsonDocument.read(raw)).amount == 30_000

    def test_finds_all_faults_at_once(self) -> None:
        with pytest.raises(ValidationError) as refused:
            _read({**GOOD, "amount": "1", "flag": 0, "inner": {"count": -1}})
        assert refused.value.error_count() == 3

    def test_does_not_repeat_the_input_in_its_own_words(self) -> None:
        with pytest.raises(ValidationError) as refused:
            Sample.model_validate_json(json.dumps({**GOOD, "amount": "CANARY"}))
        assert "CANARY" not in str(refused.value)

    def test_cannot_be_changed(self) -> None:
        with pytest.raises(ValidationError):
            _read(GOOD).flag = False

    def test_describes_itself_like_the_model_it_reads(self) -> None:
        plain = TypeAdapter(Sample).json_schema()
        assert TypeAdapter(from_document(Sample)).json_schema() == plain


class TestFields:
    @pytest.mark.parametrize("name", ["キタミ ハナコ", "キタミ　ハナコ", "ヴィー・アン"])
    def test_kana_is_full_width_katakana(self, name: str) -> None:
        assert TypeAdapter(Kana).validate_python(name) == name

    @pytest.mark.parametrize("name", ["きたみ", "ｷﾀﾐ", "北見", "KITAMI", "", "ア\n"])
    def test_kana_is_nothing_else(self, name: str) -> None:
        with pytest.raises(ValidationError):
            TypeAdapter(Kana).validate_python(name)

    @pytest.mark.parametrize("version", [0, -1, 2**31])
    def test_a_version_begins_at_one(self, version: int) -> None:
        with pytest.raises(ValidationError):
            TypeAdapter(Version).validate_python(version)


class TestListing:
    def test_says_whether_there_is_more(self) -> None:
        listing = Listing[Inner](items=[Inner(count=1)], next_cursor="abc", has_more=True)
        assert json.loads(listing.model_dump_json()) == {
            "items": [{"count": 1}],
            "next_cursor": "abc",
            "has_more": True,
        }


class Painted(Wire):
    id: UUID
    on: date
    colour: Colour
    former: Colour | None = None


ROW: dict[str, Any] = {
    "tenant_id": 1,
    "id": UUID(NUMBER),
    "on": date(2026, 4, 1),
    "colour": "red",
    "former": None,
}


class TestAnswersOfRows:
    def test_are_what_the_same_values_make_when_judged(self) -> None:
        judged = Painted(id=UUID(NUMBER), on=date(2026, 4, 1), colour=Colour.RED, former=None)
        answer = Painted.of_row(ROW)
        assert answer == judged
        assert answer.colour is Colour.RED
        assert answer.model_dump_json() == judged.model_dump_json()
        assert answer.model_fields_set == judged.model_fields_set
        assert answer.model_copy() == judged

    def test_leave_out_columns_that_are_no_members(self) -> None:
        assert "tenant_id" not in Painted.of_row(ROW).model_dump()

    @pytest.mark.parametrize("row", [{**ROW, "colour": "blue"}, {"id": UUID(NUMBER)}])
    def test_are_not_made_of_what_they_cannot_say(self, row: dict[str, Any]) -> None:
        with pytest.raises(KeyError):
            Painted.of_row(row)

    def test_are_not_written_with_a_value_of_another_type(self) -> None:
        answer = Painted.of_row({**ROW, "on": 20260401})
        with pytest.raises(PydanticSerializationError):
            TypeAdapter(Listing[Painted]).dump_json(
                Listing[Painted](items=[answer]), warnings="error"
            )


class TestLine:
    @pytest.mark.parametrize("sign", ["\u202e", "\u2066", "\u2028", "\u200b", "\u0085", "\ufeff"])
    def test_shows_everything_that_stands_in_it(self, sign: str) -> None:
        with pytest.raises(ValidationError):
            TypeAdapter(Line).validate_python(f"給付{sign}金")

    @pytest.mark.parametrize(
        "name", ["葛\U000e0100城", "辻\ufe00", "O’Brien", "北見　花子", "𠮷田"]
    )
    def test_lets_a_name_be_written_as_it_is(self, name: str) -> None:
        assert TypeAdapter(Line).validate_python(name) == name
