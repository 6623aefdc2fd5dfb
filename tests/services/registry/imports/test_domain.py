"""A line is let in only when every part of it makes sense, and each fault is named."""

import pytest
from hypothesis import given, strategies as st

from services.registry.imports.domain import (
    COLUMNS,
    FAULTS,
    TRANSITIONS,
    FaultKind,
    ImportState,
    Layout,
    Person,
    Reader,
    UnreadableHeader,
    is_register_number,
    is_relationship,
    order_of,
)
from tests.services.registry.files import a_line

FAULTY = {
    FaultKind.RESIDENT_NUMBER: {"resident_number": "10000001"},
    FaultKind.HOUSEHOLD_NUMBER: {"household_number": "５０００００００"},
    FaultKind.NAME_MISSING: {"name_formal": ""},
    FaultKind.NAME_UNREPRESENTABLE: {"name_display": "北見\ue000"},
    FaultKind.KANA: {"name_kana": "北見"},
    FaultKind.BIRTH_DATE: {"birth_on": "1985-02-30"},
    FaultKind.RESIDENCE_DATES: {"resident_until": "2009-01-01"},
    FaultKind.GENDER: {"gender": "3"},
    FaultKind.RELATIONSHIP_MISSING: {"relationship": " "},
    FaultKind.TAX_STATUS: {"tax_status": "none"},
    FaultKind.NATIONALITY: {"nationality": "JP"},
    FaultKind.PROTECTION: {"protection": "1"},
    FaultKind.KANA_VERIFIED: {"name_kana_verified": "yes"},
    FaultKind.POSTAL_CODE: {"postal_code": "09000"},
    FaultKind.ADDRESS_MISSING: {"address": ""},
    FaultKind.TOO_LONG: {"alias": "あ" * 201},
}


def read(line: dict[str, str]) -> Person | list[FaultKind]:
    return Reader(tuple(COLUMNS)).read([line[name] for name in COLUMNS], line=2)


class TestReader:
    def test_reads_an_ordinary_line(self) -> None:
        person = read(a_line())
        assert isinstance(person, Person)
        assert (person.is_householder, person.name_search, person.kana_search) == (
            True,
            "北見花子",
            "キタミハナコ",
        )

    @pytest.mark.parametrize("kind", FAULTY)
    def test_names_the_one_fault_of_a_line(self, kind: FaultKind) -> None:
        assert read(a_line(**FAULTY[kind])) == [kind]

    @given(st.sets(st.sampled_from(sorted(FAULTY)), min_size=1))
    def test_names_every_fault_of_a_line(self, kinds: set[FaultKind]) -> None:
        changes: dict[str, str] = {}
        for kind in kinds:
            changes |= FAULTY[kind]
        found = read(a_line(**changes))
        assert isinstance(found, list)
        assert set(found) == kinds

    def test_keeps_the_variant_a_family_bears(self) -> None:
        person = read(a_line(name_formal="渡邊󠄂 𠮷子", name_display="渡邊󠄂 𠮷子"))
        assert isinstance(person, Person)
        assert person.name_formal == "渡邊󠄂 𠮷子"
        assert person.name_search == "渡辺吉子"

    @pytest.mark.parametrize("lost", ["?田 花子", "〓田 花子", "□田 花子", "\ufffd田 花子"])
    def test_notices_a_letter_that_another_system_has_lost(self, lost: str) -> None:
        assert read(a_line(name_display=lost)) == [FaultKind.NAME_UNREPRESENTABLE]

    def test_lets_in_somebody_without_a_reading(self) -> None:
        person = read(a_line(name_kana="", name_kana_verified="0"))
        assert isinstance(person, Person)
        assert person.name_kana == ""

    def test_reads_half_width_kana_as_the_name_it_is(self) -> None:
        person = read(a_line(name_kana="ﾔﾏﾀﾞ ﾊﾅｺ"))
        assert isinstance(person, Person)
        assert person.name_kana == "ヤマダ ハナコ"

    @given(st.dictionaries(st.sampled_from(sorted(COLUMNS)), st.text(max_size=30)))
    def test_never_fails_whatever_the_cells_hold(self, changes: dict[str, str]) -> None:
        assert isinstance(read(a_line(**changes)), Person | list)

    def test_says_when_a_line_has_too_few_cells(self) -> None:
        assert Reader(tuple(COLUMNS)).read(["1"], line=2) == [FaultKind.WRONG_COLUMN_COUNT]


class TestFaults:
    def test_each_has_a_sentence_and_a_fix(self) -> None:
        assert set(FAULTS) == set(FaultKind)


class TestColumnOrder:
    def test_reads_labels_in_any_order(self) -> None:
        labels = list(COLUMNS.values())[::-1]
        assert order_of(labels, Layout()) == tuple(COLUMNS)[::-1]

    def test_names_what_is_missing_and_what_is_there_twice(self) -> None:
        header = [*list(COLUMNS)[1:], "住所"]
        with pytest.raises(UnreadableHeader) as refusal:
            order_of(header, Layout())
        assert refusal.value.missing == ("resident_number(宛名番号)",)
        assert refusal.value.unknown == ("住所",)


class TestRegisterNumber:
    def test_accepts_the_published_example(self) -> None:
        assert is_register_number("12345674")

    @given(st.integers(0, 7), st.integers(1, 9))
    def test_notices_any_single_wrong_digit(self, place: int, shift: int) -> None:
        good = "12345674"
        wrong = str((int(good[place]) + shift) % 10)
        assert not is_register_number(good[:place] + wrong + good[place + 1 :])


class TestProgress:
    def test_reaches_every_state_from_the_first_and_ends(self) -> None:
        reached, frontier = {ImportState.RECEIVED}, [ImportState.RECEIVED]
        while frontier:
            onward = TRANSITIONS[frontier.pop()] - reached
            reached |= onward
            frontier += onward
        assert reached == set(ImportState)

    @given(st.lists(st.sampled_from(ImportState), max_size=10))
    def test_is_confirmed_or_discarded_at_most_once(self, wishes: list[ImportState]) -> None:
        state, ended = ImportState.CHECKED, 0
        for wish in wishes:
            if wish in TRANSITIONS[state]:
                state, ended = wish, ended + (not TRANSITIONS[wish])
        assert ended <= 1


class TestRelationship:
    @pytest.mark.parametrize(
        "word", ["世帯主", "妻(未届)", "妻\uff08未届\uff09", "子の子", "子の子の子の妻", "同居人"]
    )
    def test_may_be_chained_over_four_generations(self, word: str) -> None:
        assert is_relationship(word)

    @pytest.mark.parametrize(
        "word", ["孫", "長男", "子の子の子の子の子", "子の", "の子", "世帯主の子"]
    )
    def test_is_said_in_the_words_of_the_standard(self, word: str) -> None:
        assert not is_relationship(word)
