"""Ten thousand lines judged at once come out as each of them judged alone."""

import csv
import io
from datetime import date
from typing import Any
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given, strategies as st

from services.registry.imports.domain import (
    COLUMNS,
    OPTIONAL,
    FaultKind,
    Judge,
    Judged,
    Layout,
    NotCsv,
    Person,
    Reader,
    in_iso,
    new_ids,
    order_of,
    staged,
)
from tests.services.registry.files import a_line
from tests.services.registry.imports.test_domain import FAULTY

ORDER = (*COLUMNS, *OPTIONAL)
MORE = dict.fromkeys(OPTIONAL, "")
FAULTY_MORE = {
    **FAULTY,
    FaultKind.RELATIONSHIP: {"relationship": "孫"},
    FaultKind.HISTORY_NUMBER: {"history_number": "0"},
    FaultKind.CHANGE_REASON: {"change_reason": "引っ越し"},
    FaultKind.CHANGE_DATES: {"changed_on": "2026-13-01"},
}
ODD = st.text(alphabet=st.characters(exclude_categories=()), max_size=12) | st.sampled_from(
    ["", " ", "　", "ﾔﾏﾀﾞ", "゙ア", "か\u3099", "\x00", "\n", "\ue000", "\x1f", "が", "髙﨑", "邊󠄂",
     "?", "0001", "2000-00-00", "2000-02-30", "dv", "1", "0900024", "090-0024", "е́", "Å", "ß", "ﬁ"]
)  # fmt: skip


def judged(lines: list[dict[str, str]], first_line: int = 2) -> Judged:
    text = io.StringIO()
    csv.writer(text).writerows([[line[name] for name in ORDER] for line in lines])
    return Judge(ORDER).judge(text.getvalue(), first_line=first_line, lines=len(lines))


def alone(lines: list[dict[str, str]]) -> tuple[list[Person], set[tuple[int, FaultKind]]]:
    reader, people, faults = Reader(ORDER), list[Person](), set[tuple[int, FaultKind]]()
    for number, line in enumerate(lines, start=2):
        read = reader.read([line[name] for name in ORDER], line=number)
        if isinstance(read, Person):
            people.append(read)
        else:
            faults |= {(number, kind) for kind in read}
    return people, faults


def as_staged(person: Person) -> dict[str, Any]:
    open_to_all = person.protection == ""
    return {
        "line": person.line,
        "resident_number": person.resident_number,
        "household_number": person.household_number,
        "relationship": person.relationship,
        "is_householder": person.is_householder,
        "name_formal": person.name_formal,
        "name_display": person.name_display,
        "name_kana": person.name_kana,
        "name_kana_verified": person.name_kana_verified,
        "alias": person.alias,
        "name_latin": person.name_latin,
        "birth_text": person.birth.text,
        "birth_on": person.birth.earliest,
        "birth_precision": person.birth.precision.value,
        "gender": person.gender,
        "nationality_kind": person.nationality_kind,
        "postal_code": person.postal_code if open_to_all else "",
        "address": person.address if open_to_all else "",
        "resident_from": person.resident_from,
        "resident_until": person.resident_until,
        "tax_status": person.tax_status,
        "protection": person.protection,
        "history_number": person.history_number,
        "change_reason": person.change_reason,
        "changed_on": person.changed_on,
        "notified_on": person.notified_on,
        "name_search": person.name_search,
        "kana_search": person.kana_search,
        "content": person.content(),
    }


def _built(number: int, faults: list[FaultKind], odd: dict[str, str]) -> dict[str, str]:
    line = {**a_line(number), **MORE}
    for kind in faults:
        line |= FAULTY_MORE[kind]
    return line | odd


LINES = st.lists(
    st.builds(
        _built,
        st.integers(0, 30),
        st.lists(st.sampled_from(sorted(FAULTY_MORE)), max_size=2),
        st.dictionaries(st.sampled_from(ORDER), ODD, max_size=2),
    ),
    max_size=40,
)


class TestJudge:
    @given(LINES)
    def test_agrees_with_the_rule_for_one_line(self, lines: list[dict[str, str]]) -> None:
        found = judged(lines)
        people, faults = alone(lines)
        assert set(found.faults) == faults
        assert found.lines == [person.line for person in people]
        columns = staged(found.columns, found.lines)
        for name in ("new_resident_id", "new_household_id"):
            columns.pop(name)
        rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        assert rows == [as_staged(person) for person in people]

    def test_finds_one_bad_line_among_ten_thousand(self) -> None:
        lines = [{**a_line(0), **MORE} for _ in range(10_000)]
        lines[7_777] |= {"gender": "3"}
        assert judged(lines).faults == [(7_779, FaultKind.GENDER)]

    def test_passes_over_empty_lines_but_counts_them(self) -> None:
        line = ",".join({**a_line(0), **MORE}.values())
        found = Judge(ORDER).judge(f"{','.join(ORDER)}\n\n{line}\n", first_line=1, lines=3)
        assert (found.rows, found.lines, found.faults) == (1, [3], [])

    @pytest.mark.parametrize("text", ['"open', 'a"b"c\n"x"y\n'])
    def test_refuses_what_is_no_csv(self, text: str) -> None:
        with pytest.raises(NotCsv):
            Judge(ORDER).judge(text, first_line=2, lines=1)


class TestNewIds:
    def test_are_of_version_7_and_all_different(self) -> None:
        ids = [UUID(text) for text in new_ids(1_000)]
        assert (len(set(ids)), ids) == (1_000, sorted(ids))
        assert {(one.version, one.variant) for one in ids} == {(7, RFC_4122)}


class TestLayout:
    def test_reads_another_systems_words(self) -> None:
        layout = Layout(
            headings={"個人番号キー": "resident_number", "備考": ""},
            values={"tax_status": {"1": "exempt"}},
            constants={"nationality": "japanese"},
            any_dates=True,
        )
        header = [
            *(
                "個人番号キー" if name == "resident_number" else label
                for name, label in COLUMNS.items()
                if name != "nationality"
            ),
            "備考",
        ]
        line = {**a_line(0), "tax_status": "1", "birth_on": "S60.3.15", "resident_from": "20100401"}
        cells = [*(line[name] for name in COLUMNS if name != "nationality"), "何か"]
        order = order_of(header, layout)
        found = Judge(order, layout).judge(",".join(cells), first_line=2, lines=1)
        assert found.faults == []
        columns = staged(found.columns, found.lines)
        assert (columns["birth_on"], columns["tax_status"]) == ([date(1985, 3, 15)], ["exempt"])

    @pytest.mark.parametrize(
        ("written", "read"),
        [
            ("20260401", "2026-04-01"),
            ("19320000", "1932-00-00"),
            ("2026/4/1", "2026-04-01"),
            ("1932/0/0", "1932-00-00"),
            ("令和8年4月1日", "2026-04-01"),
            ("H1.1.8", "1989-01-08"),
            ("平成31年5月1日", "平成31年5月1日"),
            ("2026/2/30", "2026/2/30"),
            ("", ""),
        ],
    )
    def test_reads_days_in_either_calendar(self, written: str, read: str) -> None:
        assert in_iso(written) == read
