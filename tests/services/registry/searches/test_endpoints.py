"""Whoever is meant is found, in the order a clerk expects; a protected address finds nobody."""

from typing import Any

import pytest

from tests.services.registry.conftest import PATH, bring_in, find
from tests.services.registry.files import a_line
from tests.support.callers import As

SECRET = "北海道北見市秘密町九丁目9番9号"
TOWN = "北海道北見市大通西"
REGISTER = [
    a_line(0, name_display="高橋 花子", name_kana="タカハシ ハナコ", birth_on="1980-03-02",
           address=f"{TOWN}1丁目2番地"),
    a_line(1, 0, relationship="夫", name_display="髙橋 一郎", name_kana="タカハシ イチロウ",
           birth_on="1979-12-31", address=f"{TOWN}1丁目2番地"),
    a_line(2, name_display="高", name_kana="コウ", birth_on="1980-03-15",
           address=f"{TOWN}１丁目２０番地"),
    a_line(3, name_display="日高 京子", name_kana="ヒダカ キョウコ", birth_on="1932-00-00",
           address=f"{TOWN}十一丁目3番地の4"),
    a_line(4, name_display="グエン ヴァン マイ", name_kana="グエン ヴァン マイ",
           name_latin="NGUYEN VAN MAI", alias="高田 舞", nationality="foreign",
           birth_on="1999-01-01", address="北海道北見市霞ヶ関1-1"),
    a_line(5, name_display="渡邉 ゆうこ", name_kana="ワタナベ ユウコ", birth_on="1989-01-07",
           address="北海道北見市中央町3番5号"),
    a_line(6, name_display="秘野 桜", name_kana="ヒノ サクラ", protection="dv", address=SECRET,
           birth_on="2001-07-07"),
    a_line(7, 6, relationship="子", name_display="秘野 葵", name_kana="ヒノ アオイ",
           address=SECRET, birth_on="2020-07-07"),
]  # fmt: skip


@pytest.fixture
async def register(registrar: As) -> As:
    await bring_in(registrar, REGISTER)
    return registrar


def names(found: list[dict[str, Any]]) -> list[str]:
    return [one["name_display"] for one in found]


class TestSearchResidents:
    @pytest.mark.parametrize(
        ("term", "found"),
        [
            # Exactly so, then beginning so, then within, and only then by another name.
            ({"name": "高橋"}, ["髙橋 一郎", "高橋 花子"]),
            ({"name": "髙"}, ["高", "髙橋 一郎", "高橋 花子"]),
            ({"name": "高"}, ["高", "髙橋 一郎", "高橋 花子"]),
            ({"name": "日高"}, ["日高 京子"]),
            ({"name": "橋花"}, ["高橋 花子"]),
            ({"name": "花 子"}, ["高橋 花子"]),
            ({"name": "橋󠄀"}, []),
            ({"name": "高󠄀橋 花"}, ["高橋 花子"]),
            ({"name": "渡辺"}, ["渡邉 ゆうこ"]),
            ({"name": "渡邊"}, ["渡邉 ゆうこ"]),
            ({"name": "nguyen"}, ["グエン ヴァン マイ"]),
            ({"name": "van mai"}, ["グエン ヴァン マイ"]),
            ({"name": "高田"}, ["グエン ヴァン マイ"]),
            ({"kana": "たかはし"}, ["髙橋 一郎", "高橋 花子"]),
            ({"kana": "ﾋﾀﾞｶ"}, ["日高 京子"]),
            ({"kana": "キヨウコ"}, ["日高 京子"]),
            ({"kana": "ユーコ"}, ["渡邉 ゆうこ"]),
            ({"kana": "ゆうこ"}, ["渡邉 ゆうこ"]),
            ({"kana": "ハシ"}, ["髙橋 一郎", "高橋 花子"]),
            ({"birth_on": "S55.3.2"}, ["高橋 花子"]),
            ({"birth_on": "昭和55年3月2日"}, ["高橋 花子"]),
            ({"birth_on": "1980/3/2"}, ["高橋 花子"]),
            ({"birth_on": "19800302"}, ["高橋 花子"]),
            ({"birth_on": "昭和55年3月"}, ["高", "高橋 花子"]),
            ({"birth_on": "1980-03"}, ["高", "高橋 花子"]),
            ({"birth_on": "Ｓ５５"}, ["高", "高橋 花子"]),
            ({"birth_on": "1932"}, ["日高 京子"]),
            ({"birth_on": "昭和64年"}, ["渡邉 ゆうこ"]),
            ({"address": "大通西1-2"}, ["高", "髙橋 一郎", "高橋 花子"]),
            ({"address": "大通西一丁目2番地"}, ["高", "髙橋 一郎", "高橋 花子"]),
            ({"address": "大通西１－２０"}, ["高"]),
            ({"address": "北海道北見市大通西11丁目3-4"}, ["日高 京子"]),
            ({"address": "霞が関"}, ["グエン ヴァン マイ"]),
            ({"address": "大通西", "birth_on": "1980"}, ["高", "高橋 花子"]),
            ({"name": "高橋", "birth_on": "1980"}, ["高橋 花子"]),
            ({"name": "高橋", "kana": "イチロウ"}, ["髙橋 一郎"]),
            ({"name": "高橋", "address": "大通西1-2", "birth_on": "S54.12.31"}, ["髙橋 一郎"]),
            ({"name": "高橋", "address": "中央町"}, []),
            ({"resident_number": REGISTER[3]["resident_number"]}, ["日高 京子"]),
            ({"resident_number": REGISTER[3]["resident_number"], "name": "高橋"}, []),
            ({"household_number": REGISTER[0]["household_number"]}, ["髙橋 一郎", "高橋 花子"]),
            ({"resident_number": "'; --"}, []),
            ({"name": "%"}, []),
            ({"name": "__"}, []),
        ],
    )
    async def test_finds_who_is_meant(
        self, register: As, term: dict[str, str], found: list[str]
    ) -> None:
        assert sorted(names(await find(register, **term))) == sorted(found)
        if "name" in term:
            assert names(await find(register, **term)) == found

    @pytest.mark.parametrize(
        "terms",
        [
            {},
            {"former": "true"},
            {"name": " "},
            {"address": "丁目"},
            {"birth_on": "きのう"},
            {"birth_on": "昭和65年"},
            {"birth_on": "1980-13"},
            {"former": "true", "name": "高"},
        ],
    )
    async def test_refuses_what_is_no_search(self, register: As, terms: dict[str, str]) -> None:
        assert (await register.get(f"{PATH}/residents", params=terms)).status_code == 422

    async def test_a_protected_person_is_found_but_never_by_where_they_live(
        self, register: As
    ) -> None:
        [found] = await find(register, name="秘野 桜")
        assert found["address"] == {"masked": True, "notice": "非開示"}
        for part in ("秘密町", "秘密町9-9-9", SECRET, "北見市秘密", "9-9"):
            assert await find(register, address=part) == []
            assert await find(register, address=part, name="秘野") == []
            assert await find(register, address=part, birth_on="2020-07-07") == []
        wide = names(await find(register, address="北海道北見市"))
        assert len(wide) == len(REGISTER) - 2
        assert not {"秘野 桜", "秘野 葵"} & set(wide)

    async def test_shows_everybody_once_over_pages_of_any_size(self, register: As) -> None:
        for term in ({"name": "高"}, {"name": "高橋"}, {"kana": "コウ"}, {"address": "北見"}):
            whole = names(await find(register, **term))
            for limit in (1, 2, 3):
                assert await _paged(register, limit=limit, **term) == whole

    async def test_finds_by_what_somebody_was_called_before(self, register: As) -> None:
        moved = {
            **REGISTER[5],
            "name_display": "斎藤 ゆうこ",
            "name_kana": "サイトウ ユウコ",
            "address": f"{TOWN}5丁目",
        }
        await bring_in(register, [moved])
        assert await find(register, name="渡辺") == []
        for term in ({"name": "渡辺"}, {"kana": "わたなべ"}, {"address": "中央町3-5"}):
            assert names(await find(register, former="true", **term)) == ["斎藤 ゆうこ"]
        assert await find(register, former="true", name="斎藤") == []

    async def test_where_a_protected_person_lived_before_finds_nobody(self, register: As) -> None:
        await bring_in(register, [{**REGISTER[5], "address": SECRET, "protection": "dv"}])
        assert await find(register, former="true", address="中央町3-5") == []
        assert len(await find(register, former="true", name="渡辺")) == 1


async def _paged(caller: As, *, limit: int, **term: str) -> list[str]:
    shown, cursor = list[str](), None
    while True:
        answer = await caller.get(
            f"{PATH}/residents",
            params={**term, "limit": limit, **({"cursor": cursor} if cursor else {})},
        )
        assert answer.status_code == 200, answer.text
        shown += names(answer.json()["items"])
        cursor = answer.json()["next_cursor"]
        if cursor is None:
            return shown
