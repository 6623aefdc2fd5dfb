"""Each fault says where and what, in both languages, and never repeats the value."""

from dataclasses import asdict
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import Field, ValidationError, field_validator

from foundation.problems import Fault
from foundation.web import Wire
from foundation.web.faults import MOST_FAULTS, faults_of, refuse


class _Form(Wire):
    name: Annotated[str, Field(min_length=2, max_length=3)]
    kind: Literal["a", "b"] = "a"
    owner: UUID | None = None
    items: Annotated[list[int], Field(max_length=1)] = Field(default_factory=list[int])

    @field_validator("name")
    @classmethod
    def _is_not_ng(cls, name: str) -> str:
        if name == "NG":
            raise ValueError("It is NG.", "NG です。")
        return name


def _faults(document: str) -> list[Fault]:
    with pytest.raises(ValidationError) as refused:
        _Form.model_validate_json(document)
    return faults_of(refused.value.errors())


class TestFaultsOf:
    @pytest.mark.parametrize(
        ("document", "pointer", "english", "japanese"),
        [
            ("{}", "/name", "It is required.", "必須の項目です。"),
            (
                '{"name":"x"}',
                "/name",
                "It must have at least 2 characters.",
                "2 文字以上で指定してください。",
            ),
            ('{"name":"xx","kind":"c"}', "/kind", "It must be one of: 'a' or 'b'.", "'a'、'b'"),
            ('{"name":"xx","owner":"CANARY"}', "/owner", "It must be a UUID.", "UUID"),
            ('{"name":"xx","items":[1,2]}', "/items", "at most 1 items", "1 件以内"),
            ('{"name":"xx","items":["CANARY"]}', "/items/0", "a whole number", "整数"),
            ('{"name":"xx","~/":1}', "/~0~1", "It is not known here.", "使えない項目"),
            ('{"name":"NG"}', "/name", "It is NG.", "NG です。"),
            ("[]", "", "It must be an object.", "オブジェクト"),
        ],
        ids=lambda value: str(value)[:40],
    )
    def test_say_where_and_what(
        self, document: str, pointer: str, english: str, japanese: str
    ) -> None:
        (fault,) = _faults(document)
        assert fault.pointer == pointer
        assert english in fault.detail
        assert japanese in fault.detail_ja
        assert "CANARY" not in str(asdict(fault))

    def test_tell_parameters_from_the_body(self) -> None:
        errors: list[dict[str, Any]] = [
            {"type": "missing", "loc": ("query", "limit")},
            {"type": "missing", "loc": ("body", "limit")},
        ]
        assert [(f.location, f.pointer) for f in faults_of(errors)] == [
            ("query", "/limit"),
            ("body", "/limit"),
        ]

    def test_have_a_sentence_for_what_they_do_not_know(self) -> None:
        (fault,) = faults_of([{"type": "entirely_new", "loc": ("body",)}])
        assert fault.detail == "It is not acceptable."
        assert fault.detail_ja


class TestRefuse:
    def test_lists_each_place_once_with_the_first_reason(self) -> None:
        first = Fault(pointer="/a", detail="one", detail_ja="一")
        second = Fault(pointer="/a", detail="two", detail_ja="二")
        other = Fault(pointer="/a", detail="three", detail_ja="三", location="query")
        errors: Any = refuse([first], [second, other]).extensions["errors"]
        assert [error["detail"] for error in errors] == ["one", "three"]

    def test_stops_where_a_list_helps_nobody(self) -> None:
        many = [Fault(pointer=f"/{n}", detail="x", detail_ja="x") for n in range(MOST_FAULTS + 1)]
        errors: Any = refuse(many).extensions["errors"]
        assert len(errors) == MOST_FAULTS
