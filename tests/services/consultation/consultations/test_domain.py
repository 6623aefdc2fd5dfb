"""What is on record has happened, and is marked once something came in its place."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st

from foundation.identifiers import new_id
from services.consultation.consultations.domain import (
    CLOCK_TOLERANCE,
    ProgressRecord,
    ProgressRecordId,
    RecordKind,
    can_have_occurred,
)

NINE = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)


def a_record(*, corrected: bool) -> ProgressRecord:
    return ProgressRecord(
        id=ProgressRecordId(new_id()),
        case_id=new_id(),
        kind=RecordKind.PHONE,
        occurred_at=NINE,
        text="CANARY",
        recorded_by="sato",
        recorded_at=NINE,
        corrects_id=None,
        superseded_by=new_id() if corrected else None,
    )


class TestProgressRecord:
    def test_has_a_second_version_once_it_is_corrected(self) -> None:
        assert [a_record(corrected=corrected).version for corrected in (False, True)] == [1, 2]

    def test_is_not_printed_with_its_text(self) -> None:
        assert "CANARY" not in repr(a_record(corrected=False))


class TestCanHaveOccurred:
    @given(st.timedeltas(min_value=timedelta(days=-400), max_value=timedelta(days=400)))
    def test_allows_for_a_clock_that_is_a_little_ahead(self, ahead: timedelta) -> None:
        assert can_have_occurred(NINE + ahead, now=NINE) == (ahead <= CLOCK_TOLERANCE)

    @given(st.datetimes(timezones=st.timezones()))
    def test_is_asked_of_any_instant_there_is(self, at: datetime) -> None:
        assert can_have_occurred(at, now=NINE) <= (at.year >= 1899)
