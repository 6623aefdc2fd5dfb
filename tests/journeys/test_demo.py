"""The demonstration against a real house: it plays all, notices what is wrong, and can stop."""

import json
import signal
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from .running_house import RunningHouse, eventually, free_pair

pytestmark = pytest.mark.journey

KEY_LINES = (
    ("給付係", "POST /benefits/v1/programmes", "下書きしました"),
    (
        "住民 北見 花子",
        "GET  /benefits/v1/offers",
        "世帯の3人全員が",
        "住民税非課税だったため",
    ),
    ("住民 北見 花子", "/confirmation  422", "この支店コードの支店がありません"),
    ("住民 北見 花子", "/confirmation  200", "北海道銀行 北見支店 普通 ****345"),
    ("給付係", "/approval  403", "起案した係は承認できません"),
    ("出納", "/file  200", "120 バイト × 5 レコード。トレーラー 2 件 60,000円は承認と一致"),
    ("住民 北見 花子", "GET  /platform/v1/access-log", "自分の情報の利用記録"),
    ("窓口1", "/call-next  200", "同時に呼び出し"),
    ("窓口2", "/call-next  200", "同時に呼び出し"),
    ("同僚の相談員", "  404", "該当するケースがありません"),
    ("同僚の相談員", "/records/", "同僚が支援経過を読みました"),
    ("事業者システム", "GET  /benefits/v1/events", "公開から振込まで順に受け取りました"),
    ("事業者システム", "POST /oauth/token  401", "使い回しは断られました"),
    ("住民 北見 花子", "GET  /registry/v1/me  403", "131016 を名指ししても断られます"),
    ("住民 紀野 花子", "/benefits/v1/applications/", "該当する申請がありません"),
)


@pytest.fixture
def house(tmp_path: Path) -> Generator[RunningHouse]:
    house = RunningHouse(tmp_path / "data", port=free_pair())
    try:
        house.wait()
        yield house
        assert house.stop() == 0
        assert not house.processes()
    finally:
        house.stop()
        house.erase()


class TestDemonstration:
    def test_plays_all_again_and_again_notices_what_is_wrong_and_stops(
        self, house: RunningHouse
    ) -> None:
        # One test, for one house: to start it takes longer than to play.
        _people_can_read_it(house)
        _machines_can_read_it_and_it_can_be_repeated(house)
        _there_is_no_other_journey(house)
        _a_revoked_card_is_noticed(house)
        _a_service_that_fell_is_noticed(house)
        _it_ends_at_once_and_leaves_nothing_behind(house)


def _people_can_read_it(house: RunningHouse) -> None:
    played = house.demo()
    assert played.returncode == 0, played.stdout + played.stderr
    assert not played.stderr
    lines = played.stdout.splitlines()
    for words in KEY_LINES:
        assert any(all(word in line for word in words) for line in lines), words
    assert "すべて期待どおり" in lines[-1]


def _machines_can_read_it_and_it_can_be_repeated(house: RunningHouse) -> None:
    played = house.demo("--json")
    assert played.returncode == 0, played.stdout + played.stderr
    steps, end = _objects(played.stdout)
    assert end["ok"] is True
    assert end["calls"] == len(steps) == steps[-1]["step"]
    assert end["refusals"] == sum(step["status"] >= 400 for step in steps)
    names = ["resident", "counter", "consultation", "vendor", "strangers"]
    assert list(end["journeys"]) == names


def _there_is_no_other_journey(house: RunningHouse) -> None:
    played = house.demo("mayor")
    assert played.returncode == 2
    assert "「mayor」という流れはありません" in played.stderr


def _a_revoked_card_is_noticed(house: RunningHouse) -> None:
    with _revoked(house.data / "simulator" / "cards.json", "kitami-hanako"):
        played = house.demo("resident")
    assert played.returncode == 1
    assert "すべて期待どおり" not in played.stdout
    assert "住民 北見 花子 POST" in played.stderr
    assert "期待: 303" in played.stderr
    assert "失効" in played.stderr
    assert "直し方: " in played.stderr


def _a_service_that_fell_is_noticed(house: RunningHouse) -> None:
    supervisor, benefits = house.supervisor(), house.service("benefits")
    supervisor.suspend()  # or it would start the service again at once
    try:
        benefits.kill()
        played = house.demo("resident", "--json")
    finally:
        supervisor.resume()
        eventually(house.is_ready, within_s=60)
    assert played.returncode == 1
    steps, end = _objects(played.stdout)
    assert end["ok"] is False
    assert end["step"] == steps[-1]["step"] + 1
    # The supervisor holds the service's socket: whoever comes waits, and is told if it is long.
    assert "期待: 201。実際: 504 /problems/platform/upstream-timeout" in end["ja"]


def _it_ends_at_once_and_leaves_nothing_behind(house: RunningHouse) -> None:
    before = len(house.processes())
    playing = house.begin_demo()
    assert playing.stdout is not None
    # The first sign-in: everything after it is still to be played, however slow the reader is.
    assert any("本人確認の画面を開きました" in line for line in playing.stdout)
    playing.send_signal(signal.SIGINT)
    said, complaints = playing.communicate(timeout=20)
    assert playing.returncode == 130
    assert "すべて期待どおり" not in said
    assert "Traceback" not in complaints
    assert house.is_ready()
    assert len(house.processes()) == before
    again = house.demo("resident")
    assert again.returncode == 0, again.stdout + again.stderr


def _objects(text: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the steps and the end."""
    *steps, end = [json.loads(line) for line in text.splitlines()]
    return steps, end


@contextmanager
def _revoked(cards: Path, card_id: str) -> Generator[None]:
    """Have a card on the revocation list for a while; the simulator reads the file again."""
    before = cards.read_text(encoding="utf-8")
    listed = json.loads(before)
    for card in listed["cards"]:
        if card["card_id"] == card_id:
            card["condition"] = "revoked"
    cards.write_text(json.dumps(listed, ensure_ascii=False), encoding="utf-8")
    try:
        yield
    finally:
        cards.write_text(before, encoding="utf-8")
