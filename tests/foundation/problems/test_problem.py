"""A refusal can be read, acted on and quoted; and no type of it is half-made."""

import json
from typing import ClassVar

import pytest

from foundation.problems import (
    CATALOGUE,
    Fault,
    Forbidden,
    InvalidInput,
    NotFound,
    PayloadTooLarge,
    Problem,
    RequestInFlight,
    instance_of,
)


class TestDocument:
    def test_carries_the_members_of_rfc_9457(self) -> None:
        document = NotFound().document(instance="urn:uuid:1")
        assert document["type"] == "/problems/platform/not-found"
        assert document["status"] == 404
        assert document["instance"] == "urn:uuid:1"
        assert document["title"]

    def test_says_in_japanese_what_happened_and_what_to_do(self) -> None:
        document = NotFound("No such case.", detail_ja="ケースがありません。").document()
        assert document["title_ja"] == "該当するものが見つかりません。"
        assert document["detail_ja"] == "ケースがありません。"
        assert document["remedy_ja"]

    def test_leaves_out_a_detail_that_nobody_gave(self) -> None:
        assert "detail" not in NotFound().document()

    def test_puts_extensions_beside_the_standard_members(self) -> None:
        assert PayloadTooLarge(limit_bytes=10).document()["limit_bytes"] == 10

    def test_lists_every_fault(self) -> None:
        faults = [
            Fault(pointer="/a", detail="Wrong.", detail_ja="誤りです。"),
            Fault(pointer="/b", detail="Missing.", detail_ja="不足です。", location="query"),
        ]
        errors = json.loads(json.dumps(InvalidInput.of(faults).document()))["errors"]
        assert [(e["location"], e["pointer"]) for e in errors] == [("body", "/a"), ("query", "/b")]

    def test_refuses_an_extension_that_takes_a_standard_name(self) -> None:
        with pytest.raises(TypeError, match="status"):
            NotFound(status=200)

    def test_names_the_occasion_by_the_number_of_the_request(self) -> None:
        number = "01890a5d-ac96-774b-bcce-b302099a8057"
        assert instance_of(number) == f"urn:uuid:{number}"


class TestHeaders:
    def test_of_the_type_stand_unless_the_occasion_knows_better(self) -> None:
        assert RequestInFlight().headers == {"Retry-After": "1"}
        assert RequestInFlight(headers={"Retry-After": "9"}).headers == {"Retry-After": "9"}


class TestCatalogue:
    def test_holds_each_general_problem_with_all_its_sentences(self) -> None:
        general = [slug for slug in CATALOGUE if slug.startswith("platform/")]
        assert len(general) >= 20
        for slug in general:
            problem = CATALOGUE[slug]
            assert all((problem.title, problem.title_ja, problem.remedy, problem.remedy_ja))

    def test_takes_no_name_twice(self) -> None:
        with pytest.raises(TypeError, match="already names"):

            class _Again(NotFound):  # pyright: ignore[reportUnusedClass] - making it is the act
                slug = "platform/not-found"

    def test_takes_no_misshapen_name(self) -> None:
        with pytest.raises(TypeError, match="slug"):

            class _Misnamed(NotFound):  # pyright: ignore[reportUnusedClass] - making it is the act
                slug = "Not Found"

    def test_takes_no_type_without_a_remedy(self) -> None:
        with pytest.raises(TypeError, match="remedy"):

            class _Mute(Problem):  # pyright: ignore[reportUnusedClass] - making it is the act
                slug = "example/mute"
                status = 400
                title = "Mute."
                title_ja = "無言です。"

    def test_takes_no_success(self) -> None:
        with pytest.raises(TypeError, match="status"):

            class _Fine(NotFound):  # pyright: ignore[reportUnusedClass] - making it is the act
                slug = "example/fine"
                status = 200

    def test_leaves_out_a_family(self) -> None:
        class Family(Forbidden):
            remedy: ClassVar[str] = "Ask."

        assert Family not in CATALOGUE.values()
        with pytest.raises(TypeError, match="family"):
            Family()
