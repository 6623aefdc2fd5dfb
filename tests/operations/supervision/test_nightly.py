"""Once a night, at three in Japan, and never twice at a time."""

import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given, strategies as st

from foundation.clock import JST
from operations.supervision.nightly import Nightly, following

EVENING = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)  # 21:00 in Japan
SAYS = (sys.executable, "-c", "print('done')")


class TestFollowing:
    @given(st.datetimes(datetime(2020, 1, 1), datetime(2060, 1, 1)))  # noqa: DTZ001 - made aware
    def test_is_within_a_day_at_three_in_japan(self, at: datetime) -> None:
        now = at.replace(tzinfo=UTC)
        due = following(now)
        assert now < due <= now + timedelta(days=1)
        assert due.astimezone(JST).time().isoformat() == "03:00:00"


class TestNightly:
    def test_happens_when_its_time_has_come_and_once(self, tmp_path: Path) -> None:
        clock, log = [EVENING], tmp_path / "nightly.log"
        nightly = Nightly(SAYS, log=log, now=lambda: clock[0])
        nightly.look()
        assert not log.exists()
        for night in (1, 2):
            clock[0] = following(clock[0])
            for _ in range(3):
                nightly.look()
            _wait(nightly)
            nightly.look()
            assert log.read_text().split() == ["done"] * night

    def test_happens_at_once_where_it_is_due(self, tmp_path: Path) -> None:
        clock, log = [EVENING], tmp_path / "nightly.log"
        nightly = Nightly(SAYS, log=log, now=lambda: clock[0], due=True)
        nightly.look()
        _wait(nightly)
        nightly.look()
        assert log.read_text().split() == ["done"]

    def test_ends_with_the_house(self, tmp_path: Path) -> None:
        clock = [EVENING]
        sleeping = (sys.executable, "-c", "import time; time.sleep(600)")
        nightly = Nightly(sleeping, log=tmp_path / "log", now=lambda: clock[0])
        clock[0] = following(EVENING)
        nightly.look()
        assert nightly.is_running
        nightly.stop()
        assert not nightly.is_running


def _wait(nightly: Nightly) -> None:
    deadline = time.monotonic() + 30
    while nightly.is_running and time.monotonic() < deadline:
        time.sleep(0.02)
