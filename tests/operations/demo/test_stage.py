"""A step that ends otherwise than promised ends the play, with the reason the house gave."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from operations.demo.board import Board
from operations.demo.expectation import Unexpected, Unreachable
from operations.demo.players import Player
from operations.demo.stage import Answer, Call, Stage

BASE = "http://house.test"
PROBLEM = {
    "type": "/problems/benefits/payer-missing",
    "title_ja": "振込元の口座が、まだ登録されていません。",
    "remedy_ja": "登録してください。",
}


def a_stage(answer: Callable[[httpx.Request], httpx.Response]) -> Stage:
    http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    return Stage(BASE, Path("/nowhere"), http, Board(as_json=True))


def a_player(answer: Callable[[httpx.Request], httpx.Response]) -> Player:
    return Player(a_stage(answer), "出納", municipality="012084", token="opaque")


def a_refusal(_: httpx.Request) -> httpx.Response:
    headers = {"content-type": "application/problem+json"}
    return httpx.Response(409, headers=headers, json=PROBLEM)


def says(**document: Any) -> Callable[[httpx.Request], httpx.Response]:
    return lambda _: httpx.Response(200, json=document)


async def asked(stage: Stage) -> Answer:
    return await stage.make(Call(who="出納", method="GET", url="/x?token=secret", expect=200))


class TestMake:
    async def test_names_the_step_and_the_reason_of_another_status(self) -> None:
        with pytest.raises(Unexpected) as caught:
            await asked(a_stage(a_refusal))
        said = caught.value.japanese
        assert "手順 1" in said
        assert "期待: 200" in said
        assert "409 /problems/benefits/payer-missing 振込元の口座" in said
        assert "secret" not in said

    async def test_shows_the_alert_of_a_page_and_no_more_of_it(self) -> None:
        page = '<p>北見 花子</p><div role="alert"><p>カードは<b>失効</b>です</p></div><p>x</p>'
        with pytest.raises(Unexpected, match="422 カードは失効です") as caught:
            await asked(a_stage(lambda _: httpx.Response(422, html=page)))
        assert "花子" not in caught.value.japanese

    async def test_says_who_does_not_answer(self) -> None:
        def silent(request: httpx.Request) -> httpx.Response:
            raise httpx.ConnectError("no", request=request)

        with pytest.raises(Unreachable, match="ConnectError"):
            await asked(a_stage(silent))


class TestAnswer:
    async def test_misses_a_field_that_is_not_there(self) -> None:
        answer = await asked(a_stage(says(amount_yen=1)))
        assert answer["amount_yen"] == 1
        with pytest.raises(Unexpected, match="項目 state"):
            answer["state"]

    async def test_insists_on_what_matters(self) -> None:
        answer = await asked(a_stage(says(state="sealed")))
        answer.must("状態", be="sealed", found=answer["state"])
        with pytest.raises(Unexpected, match="状態 は settled"):
            answer.must("状態", be="settled", found=answer["state"])

    async def test_takes_a_refusal_for_the_one_it_names(self) -> None:
        refused = await a_stage(a_refusal).make(
            Call(who="出納", method="GET", url="/x", expect=409)
        )
        assert refused.must_be_problem("benefits/payer-missing") == PROBLEM["title_ja"]
        with pytest.raises(Unexpected, match="理由の型"):
            refused.must_be_problem("benefits/payer-not-found")


class TestPlayer:
    async def test_does_each_thing_under_a_key_of_its_own(self) -> None:
        keys: list[str] = []

        def answer(request: httpx.Request) -> httpx.Response:
            keys.append(request.headers["Idempotency-Key"])
            return httpx.Response(200, json={}, headers={"Idempotency-Replayed": "true"})

        player = a_player(answer)
        first = await player.post("/x", {"a": 1})
        await player.post("/x", {"a": 1})
        await player.repeat(first)
        assert len(set(keys)) == 2
        assert keys[2] == keys[0]

    async def test_notices_a_repeat_that_took_effect_again(self) -> None:
        player = a_player(says(state="paid"))
        with pytest.raises(Unexpected, match="再送の印"):
            await player.repeat(await player.post("/x"))
