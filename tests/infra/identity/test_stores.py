"""What must survive does, what must end does, and nobody else reads it."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from infra.identity.stores import ExpiringStore, Tallies, Watched, kept_secret, write_private
from tests.infra.identity.world import TurnableClock

MINUTE = timedelta(minutes=1)


class TestWritePrivate:
    def test_leaves_one_file_that_only_its_owner_reads(self, tmp_path: Path) -> None:
        for content in (b"first", b"second"):
            write_private(tmp_path / "keys" / "key.pem", content)
        assert [path.name for path in (tmp_path / "keys").iterdir()] == ["key.pem"]
        assert (tmp_path / "keys" / "key.pem").read_bytes() == b"second"
        assert (tmp_path / "keys" / "key.pem").stat().st_mode & 0o777 == 0o600


class TestKeptSecret:
    def test_is_made_once(self, tmp_path: Path) -> None:
        made = iter([b"first", b"second"])
        found = [kept_secret(tmp_path / "secret", lambda: next(made)) for _ in range(2)]
        assert found == [b"first", b"first"]


class TestTallies:
    def test_survive_a_restart(self, tmp_path: Path) -> None:
        path = tmp_path / "state.json"
        assert [Tallies(path).add("hanako") for _ in range(3)] == [1, 2, 3]
        assert Tallies(path).of("hanako") == 3

    def test_forget_when_cleared(self, tmp_path: Path) -> None:
        tallies = Tallies(tmp_path / "state.json")
        tallies.add("hanako")
        tallies.add("taro")
        tallies.clear("hanako")
        assert json.loads((tmp_path / "state.json").read_bytes()) == {"taro": 1}


class TestWatched:
    def test_reads_again_after_a_change_and_not_before(self, tmp_path: Path) -> None:
        path = tmp_path / "list.json"
        path.write_bytes(b"[1]")
        parsed: list[bytes] = []
        watched = Watched(path, parsed.append)
        watched.current()
        watched.current()
        path.write_bytes(b"[1, 2]")
        watched.current()
        assert parsed == [b"[1]", b"[1, 2]"]

    def test_does_not_fall_back_to_what_it_read_before(self, tmp_path: Path) -> None:
        path = tmp_path / "list.json"
        path.write_bytes(b"[1]")
        watched = Watched(path, json.loads)
        watched.current()
        path.write_bytes(b"[1")
        for _ in range(2):
            with pytest.raises(json.JSONDecodeError):
                watched.current()


class TestExpiringStore:
    def test_gives_a_value_once(self) -> None:
        store = ExpiringStore[str](TurnableClock(), MINUTE)
        key = store.put("code")
        assert [store.take(key), store.take(key)] == ["code", None]

    def test_shows_a_value_until_its_time_is_over(self) -> None:
        clock = TurnableClock()
        store = ExpiringStore[str](clock, MINUTE)
        key = store.put("code")
        clock.turn(MINUTE - timedelta(microseconds=1))
        assert store.get(key) == "code"
        clock.turn(timedelta(microseconds=1))
        assert store.get(key) is None
        assert store.take(key) is None

    def test_makes_keys_nobody_guesses(self) -> None:
        store = ExpiringStore[str](TurnableClock(), MINUTE)
        keys = {store.put("x") for _ in range(100)}
        assert len(keys) == 100
        assert {len(key) for key in keys} == {43}

    def test_keeps_no_more_than_it_can_hold(self) -> None:
        store = ExpiringStore[int](TurnableClock(), MINUTE, capacity=10)
        keys = [store.put(number) for number in range(25)]
        assert [store.get(key) for key in keys] == [None] * 15 + list(range(15, 25))

    def test_throws_away_what_has_ended(self) -> None:
        clock = TurnableClock()
        store = ExpiringStore[int](clock, MINUTE)
        for number in range(5):
            store.put(number)
        clock.turn(MINUTE)
        store.put(5)
        assert len(store) == 1
