"""Journey 2: three people at the counter, and two clerks who call at the same moment."""

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from foundation import clock
from foundation.identity import Purpose

from .company import Company, Journey
from .players import Player
from .resident import CODE, HANAKO
from .signin import official
from .stage import Answer

_WINDOWS = "/window-dx/v1/windows"
_RECEPTIONS = "/window-dx/v1/receptions"
_SCOPES = "window-dx:read window-dx:write registry:read"
_WANTED = {"DEMO-JUMIN": "市民課 1番窓口(デモ)", "DEMO-HOKEN": "保険年金課 窓口(デモ)"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """Two windows and the two clerks who serve at them."""

    first: str
    second: str
    clerks: tuple[Player, Player]


async def play(company: Company) -> None:
    """Play the journey; it leaves the resident's ticket in `stage.records`."""
    administrator = await company.player(
        official("管理者", "administrator1", CODE, scopes="window-dx:read window-dx:write")
    )
    windows = await _windows(administrator)
    counter = Counter(
        first=windows["DEMO-JUMIN"],
        second=windows["DEMO-HOKEN"],
        clerks=(
            await company.player(official("窓口1", "clerk1", CODE, scopes=_SCOPES)),
            await company.player(official("窓口2", "clerk2", CODE, scopes=_SCOPES)),
        ),
    )
    for window_id in windows.values():
        await _clear(counter.clerks[0], window_id)
    before = await _measured(counter)
    hanako = await company.player(HANAKO)
    tickets = await _take(counter, hanako)
    await _serve(counter, tickets)
    await _look_back(counter, hanako, tickets, called_before=before)
    company.stage.records |= {"window_id": counter.first, "reception_id": tickets[0]["id"]}


async def _windows(administrator: Player) -> dict[str, str]:
    """Return the two windows by code, having set up those that are not there."""
    listed = await administrator.get(_WINDOWS, params={"limit": "200"})
    found = {one["code"]: str(one["id"]) for one in listed["items"] if one["code"] in _WANTED}
    listed.tell(f"窓口を確かめました(デモの窓口 {len(found)} か所は前回のものを使います)")
    for code, name in _WANTED.items():
        if code not in found:
            made = await administrator.post(
                _WINDOWS, {"code": code, "name": name}, expect=HTTPStatus.CREATED
            )
            made.must("窓口コード", be=code, found=made["code"])
            made.tell(f"窓口「{made['name']}」を設けました")
            found[code] = str(made["id"])
    return found


async def _clear(clerk: Player, window_id: str) -> None:
    """Send home whoever an abandoned play left waiting."""
    while True:
        called = await clerk.post(f"{_WINDOWS}/{window_id}/call-next")
        left = called["reception"]
        if left is None:
            called.tell("待っている人はいません", is_aside=True)
            return
        called.tell(f"前回から待っていた {left['number']} 番を呼びました", is_aside=True)
        absent = await clerk.post(f"{_RECEPTIONS}/{left['id']}/absence")
        absent.tell(f"{left['number']} 番は不在でした", is_aside=True)


async def _measured(counter: Counter) -> int:
    """Return how many calls have been measured at both windows so far today."""
    return sum(
        [
            int((await _times(counter, window_id))["called"])
            for window_id in (counter.first, counter.second)
        ]
    )


async def _times(counter: Counter, window_id: str) -> Answer:
    today = clock.today().isoformat()
    times = await counter.clerks[0].get(
        f"{_WINDOWS}/{window_id}/waiting-times", params={"since": today, "until": today}
    )
    waited, served = times["wait_median_seconds"], times["service_median_seconds"]
    times.tell(
        f"本日の実測: 呼出し {times['called']} 件(待ち時間の中央値 {_s(waited)})、"
        f"終了 {times['served']} 件(対応時間の中央値 {_s(served)})"
    )
    return times


async def _take(counter: Counter, hanako: Player) -> list[dict[str, Any]]:
    """Three people take a number: one at home, two at the counter."""
    online = await _ticket(hanako, counter.first, "転入届", channel="online")
    standing = await hanako.get(f"{_RECEPTIONS}/{online['id']}")
    standing.must("前に待っている人数", be=0, found=standing["ahead"])
    standing.tell("自分の順番を見ました。前に待っている人は 0 人です")
    first, second = counter.clerks
    known = await first.get(
        "/registry/v1/residents",
        params={"kana": "タカサキ マコト"},
        headers={"Tamaire-Purpose": Purpose.RECEPTION.value},
    )
    people = known["items"]
    known.must_hold("該当する住民", holds=bool(people), found=len(people))
    person = people[0]
    known.tell(f"来庁した {person['name_display']} さんを住民情報で確かめました(目的: 受付)")
    takasaki = await _ticket(
        first, counter.first, "印鑑登録", channel="counter", resident_id=person["id"]
    )
    anonymous = await _ticket(second, counter.first, "税証明", channel="counter")
    return [online, takasaki, anonymous]


async def _ticket(
    who: Player, window_id: str, matter: str, *, channel: str, resident_id: str | None = None
) -> dict[str, Any]:
    asked = {"window_id": window_id, "matter": matter}
    taken = await who.post(
        _RECEPTIONS,
        asked | ({"resident_id": resident_id} if resident_id else {}),
        expect=HTTPStatus.CREATED,
    )
    taken.must("状態", be="waiting", found=taken["state"])
    taken.must("受付の方法", be=channel, found=taken["channel"])
    way = "オンラインで" if channel == "online" else "窓口で"
    taken.tell(f"{way}受付番号 {taken['number']} を取りました(用件: {matter})")
    return taken.document


async def _serve(counter: Counter, tickets: list[dict[str, Any]]) -> None:
    """Call, hold, resume, pass on, finish: everybody is served, nobody twice."""
    first, second = counter.clerks
    path = f"{_WINDOWS}/{counter.first}/call-next"
    # The same moment, as far as one machine has such a thing: neither waits for the other.
    answers = await asyncio.gather(first.post(path), second.post(path))
    called = {answer["reception"]["id"] for answer in answers}
    answers[1].must("呼ばれた人", be={ticket["id"] for ticket in tickets[:2]}, found=called)
    for answer in answers:
        answer.tell(f"同時に呼び出し、{answer['reception']['number']} 番を呼びました(重なりなし)")
    await _board(counter, waiting=1, serving=[ticket["number"] for ticket in tickets[:2]])
    online, takasaki, anonymous = (f"{_RECEPTIONS}/{ticket['id']}" for ticket in tickets)
    await _move(first, f"{online}/hold", "held", "書類を取りに行く間、保留にしました")
    await _move(first, f"{online}/resumption", "serving", "戻ってきたので再開しました")
    passed = await _move(
        second,
        f"{takasaki}/transfer",
        "waiting",
        "番号はそのままで保険年金課へ引き継ぎました",
        {"window_id": counter.second},
    )
    passed.must("窓口", be=counter.second, found=passed["window_id"])
    passed.must("受付番号", be=tickets[1]["number"], found=passed["number"])
    await _next(second, counter.second, tickets[1])
    await _next(first, counter.first, tickets[2])
    for clerk, ticket in ((first, online), (second, takasaki), (first, anonymous)):
        await _move(clerk, f"{ticket}/completion", "finished", "対応を終えました")
    refused = await first.post(f"{online}/completion", expect=HTTPStatus.CONFLICT)
    title = refused.must_be_problem("window-dx/reception-state-conflict")
    refused.tell(f"終えた受付をもう一度終えることはできません: {title}")


async def _move(
    clerk: Player, path: str, state: str, sentence: str, body: dict[str, str] | None = None
) -> Answer:
    moved = await clerk.post(path, body)
    moved.must("状態", be=state, found=moved["state"])
    moved.tell(f"{moved['number']} 番: {sentence}")
    return moved


async def _next(clerk: Player, window_id: str, ticket: dict[str, Any]) -> None:
    called = await clerk.post(f"{_WINDOWS}/{window_id}/call-next")
    reception = called["reception"]
    called.must("呼ばれた受付", be=ticket["id"], found=reception and reception["id"])
    called.tell(f"次の {ticket['number']} 番を呼びました")


async def _board(counter: Counter, *, waiting: int, serving: list[int]) -> None:
    board = await counter.clerks[0].get(f"{_WINDOWS}/{counter.first}/board")
    board.must("待っている人数", be=waiting, found=board["waiting"])
    absent = set(serving) - set(board["serving"])
    board.must("案内板にない番号", be=set[int](), found=absent)
    board.tell(f"案内板: 対応中 {_numbers(serving)}、待ち {board['waiting']} 人(氏名は出ません)")


async def _look_back(
    counter: Counter, hanako: Player, tickets: list[dict[str, Any]], *, called_before: int
) -> None:
    board = await counter.clerks[0].get(f"{_WINDOWS}/{counter.first}/board")
    board.must("待っている人数", be=0, found=board["waiting"])
    left = {ticket["number"] for ticket in tickets} & set(board["serving"])
    board.must("まだ対応中の番号", be=set[int](), found=left)
    board.tell("案内板: 全員の対応が終わり、待ちは 0 人です")
    called = await _measured(counter)
    calls = len(tickets) + 1  # who is passed on is called a second time
    board.must_hold(
        f"呼出しが {calls} 件増える", holds=called >= called_before + calls, found=called
    )
    seen = await hanako.get(f"{_RECEPTIONS}/{tickets[0]['id']}")
    seen.must("状態", be="finished", found=seen["reception"]["state"])
    seen.tell("自分の受付が終わったことを確かめました")


def _numbers(numbers: list[int]) -> str:
    return "・".join(f"{number} 番" for number in numbers)


def _s(seconds: int | None) -> str:
    return "なし" if seconds is None else f"{seconds} 秒"


JOURNEY = Journey(name="counter", title="窓口で受け付け、呼び出し、引き継ぐ", play=play)
