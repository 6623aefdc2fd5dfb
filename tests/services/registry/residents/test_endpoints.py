"""People are found by what they are called, and a protected address by nobody."""

from typing import Any

import asyncpg
import pytest

from foundation.identity import Role
from foundation.tenancy import Tenancy
from tests.services.registry.conftest import PATH, bring_in, find
from tests.services.registry.files import ORDINARY, a_line
from tests.support.callers import As, ServiceClient, a_machine, a_resident, an_official
from tests.support.house import House, Tenancies

CANARY = "北海道北見市秘密町9丁目9番9号"
HIDDEN = a_line(
    2, 0, relationship="子", protection="dv", address=CANARY, name_display="髙﨑 桜",
    name_kana="タカサキ サクラ", birth_on="2001-07-07",
)  # fmt: skip
REGISTER = [
    a_line(0),
    a_line(1, 0, relationship="子", name_display="北見 太郎", name_kana="キタミ タロウ",
           birth_on="2012-12-24", gender="1"),
    HIDDEN,
    a_line(3, name_display="𠮷田 京子", name_kana="ヨシダ キョウコ", birth_on="1932-00-00"),
    a_line(4, name_display="グエン ヴァン", name_kana="グエン ヴァン", name_latin="NGUYEN VAN",
           alias="佐藤 文", nationality="foreign"),
]  # fmt: skip
CARD = {
    "name": "北見 花子",
    "birth_on": "1985-03-15",
    "address": ORDINARY["address"],
    "gender": "2",
}


@pytest.fixture
async def register(registrar: As) -> As:
    await bring_in(registrar, REGISTER)
    return registrar


@pytest.fixture
def gateway(service: ServiceClient, tenancies: Tenancies) -> As:
    return service.as_(a_machine("gateway"), tenancy=tenancies.kitami)


class TestSearchResidents:
    async def test_is_hidden_from_another_municipality(
        self, register: As, foreign_registrar: As
    ) -> None:
        for term in ({"name": "北見"}, {"kana": "キタミ"}, {"birth_on": "1985-03-15"}):
            assert await find(register, **term) != []
            assert await find(foreign_registrar, **term) == []

    @pytest.mark.parametrize(
        ("term", "names"),
        [
            ({"name": "高崎"}, ["髙﨑 桜"]),
            ({"name": "吉田"}, ["𠮷田 京子"]),
            ({"name": "北見"}, ["北見 太郎", "北見 花子"]),
            ({"name": "北見　花"}, ["北見 花子"]),
            ({"kana": "よしだ"}, ["𠮷田 京子"]),
            ({"kana": "ﾖｼﾀﾞ ｷｮｳ"}, ["𠮷田 京子"]),
            ({"kana": "ヨシダ キヨウ"}, ["𠮷田 京子"]),
            ({"birth_on": "昭和60年3月15日"}, ["北見 花子", "グエン ヴァン"]),
            ({"name": "見"}, []),
            ({"name": "%"}, []),
        ],
    )
    async def test_finds_by_what_people_mean(
        self, register: As, term: dict[str, str], names: list[str]
    ) -> None:
        assert [one["name_display"] for one in await find(register, **term)] == names

    async def test_shows_everybody_once_over_its_pages(self, register: As) -> None:
        shown, cursor = list[str](), None
        while True:
            answer = await register.get(
                f"{PATH}/residents",
                params={"kana": "キ", "limit": 1} | ({"cursor": cursor} if cursor else {}),
            )
            shown += [one["name_display"] for one in answer.json()["items"]]
            cursor = answer.json()["next_cursor"]
            if cursor is None:
                break
        assert shown == ["北見 太郎", "北見 花子"]

    @pytest.mark.parametrize("terms", [{}, {"birth_on": "きのう"}, {"name": " "}])
    async def test_refuses_what_is_no_search(self, register: As, terms: dict[str, str]) -> None:
        assert (await register.get(f"{PATH}/residents", params=terms)).status_code == 422

    async def test_leaves_a_trail_about_everybody_shown(
        self, register: As, house: House, tenancies: Tenancies
    ) -> None:
        shown = {one["id"] for one in await find(register, name="北見")}
        owner = await asyncpg.connect(house.dsn("audit_owner"))
        entries = await owner.fetch(
            "SELECT s.subject_id::text FROM audit.entry_subjects s JOIN audit.entries e"
            " ON e.tenant_id = s.tenant_id AND e.id = s.entry_id"
            " WHERE e.tenant_id = $1 AND e.action = 'registry.resident.search'"
            " AND e.purpose = 'registration'",
            tenancies.kitami.tenant_id,
        )
        await owner.close()
        assert {row[0] for row in entries} == shown

    async def test_wants_a_purpose(
        self, service: ServiceClient, register: As, tenancies: Tenancies
    ) -> None:
        assert register.caller.purpose is not None
        clerk = service.as_(an_official(Role.CLERK), tenancy=tenancies.kitami)
        refused = await clerk.get(f"{PATH}/residents", params={"name": "北見"})
        assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (
            403,
            "purpose-required",
        )


class TestReadResident:
    async def test_is_hidden_from_another_municipality(
        self, register: As, foreign_registrar: As
    ) -> None:
        (one,) = await find(register, name="高崎")
        assert (await register.get(f"{PATH}/residents/{one['id']}")).status_code == 200
        assert (await foreign_registrar.get(f"{PATH}/residents/{one['id']}")).status_code == 404

    async def test_masks_a_protected_address_and_shows_others(self, register: As) -> None:
        (hidden,) = await find(register, name="高崎")
        answer = await register.get(f"{PATH}/residents/{hidden['id']}")
        assert answer.json()["address"] == {"masked": True, "notice": "非開示"}
        # Who lives with her lives there too.
        for housemate in await find(register, name="北見"):
            assert housemate["address"]["masked"]
        (open_one,) = await find(register, name="吉田")
        assert open_one["address"]["address"] == ORDINARY["address"]

    async def test_shows_a_day_of_birth_as_far_as_it_is_known(self, register: As) -> None:
        (one,) = await find(register, name="吉田")
        assert one["birth_on"] == "1932-00-00"


class TestReadHousehold:
    async def test_is_hidden_from_another_municipality(
        self, register: As, foreign_registrar: As
    ) -> None:
        (one,) = await find(register, name="高崎")
        path = f"{PATH}/households/{one['household_id']}"
        members = (await register.get(path)).json()["members"]
        assert [member["relationship"] for member in members] == ["世帯主", "子", "子"]
        assert (await foreign_registrar.get(path)).status_code == 404

    async def test_is_shown_for_any_of_its_people(
        self, register: As, foreign_registrar: As
    ) -> None:
        one, other = await find(register, name="北見")
        of_one, of_other = (f"{PATH}/residents/{who['id']}/household" for who in (one, other))
        shown = (await register.get(of_one)).json()
        assert shown == (await register.get(of_other)).json()
        assert shown["id"] == one["household_id"]
        assert (await foreign_registrar.get(of_one)).status_code == 404


class TestReadOwnRecord:
    async def test_is_hidden_from_another_municipality(
        self, service: ServiceClient, register: As, tenancies: Tenancies
    ) -> None:
        (one,) = await find(register, name="北見 花")
        own = a_resident(one["id"])
        here, there = (
            service.as_(own, tenancy=tenancy) for tenancy in (tenancies.kitami, tenancies.chiyoda)
        )
        assert (await here.get(f"{PATH}/me")).json()["resident"]["id"] == one["id"]
        assert (await there.get(f"{PATH}/me")).status_code == 404

    async def test_shows_the_family_no_gap_where_somebody_is_protected(
        self, service: ServiceClient, register: As, tenancies: Tenancies
    ) -> None:
        (one,) = await find(register, name="北見 花")
        resident = service.as_(a_resident(one["id"]), tenancy=tenancies.kitami)
        answer = await resident.get(f"{PATH}/me")
        assert [member["name_display"] for member in answer.json()["household"]] == [
            "北見 花子",
            "髙﨑 桜",
            "北見 太郎",
        ]
        assert "秘密町" not in answer.text

    async def test_does_not_show_who_has_left_the_family_that_stayed(
        self, service: ServiceClient, registrar: As, tenancies: Tenancies
    ) -> None:
        left = a_line(
            1, 0, relationship="夫", name_display="北見 次郎", resident_until="2026-06-30"
        )
        await bring_in(registrar, [a_line(0), left])
        (one,) = await find(registrar, name="北見 次")
        resident = service.as_(a_resident(one["id"]), tenancy=tenancies.kitami)
        answer = await resident.get(f"{PATH}/me")
        assert (answer.status_code, answer.json()["household"]) == (200, [])
        assert "北見 花子" not in answer.text

    async def test_shows_a_housemate_their_own_address_as_ever(
        self, service: ServiceClient, register: As, tenancies: Tenancies
    ) -> None:
        (one,) = await find(register, name="北見 花")
        own = service.as_(a_resident(one["id"]), tenancy=tenancies.kitami)
        address = (await own.get(f"{PATH}/me")).json()["resident"]["address"]
        assert address["address"] == ORDINARY["address"]

    async def test_says_what_to_do_when_nobody_is_linked(
        self, service: ServiceClient, tenancies: Tenancies
    ) -> None:
        stranger = service.as_(a_resident(None), tenancy=tenancies.kitami)
        answer = await stranger.get(f"{PATH}/me")
        assert (answer.status_code, answer.json()["type"]) == (
            404,
            "/problems/registry/no-record-of-own",
        )


class TestMatchResident:
    async def test_is_hidden_from_another_municipality(
        self, service: ServiceClient, register: As, gateway: As, tenancies: Tenancies
    ) -> None:
        assert register.caller.tenancy == gateway.caller.tenancy
        elsewhere = service.as_(a_machine("gateway"), tenancy=tenancies.chiyoda)
        assert (await gateway.post(f"{PATH}/matches", json=CARD)).json()["grade"] == "exact"
        assert (await elsewhere.post(f"{PATH}/matches", json=CARD)).status_code == 404

    async def test_recognises_an_address_written_another_way(
        self, register: As, gateway: As
    ) -> None:
        card = CARD | {"address": "北海道北見市北四条東１－２", "name": "北見花子"}
        answer = await gateway.post(f"{PATH}/matches", json=card)
        assert answer.json()["grade"] == "normalised"
        assert register is not gateway

    async def test_recognises_a_protected_person_by_the_card_and_tells_nothing(
        self, register: As, gateway: As
    ) -> None:
        card = {"name": "髙﨑 桜", "birth_on": "2001-07-07", "address": CANARY}
        answer = await gateway.post(f"{PATH}/matches", json=card)
        assert answer.status_code == 200
        assert "秘密町" not in answer.text
        elsewhere = card | {"address": ORDINARY["address"]}
        assert (await gateway.post(f"{PATH}/matches", json=elsewhere)).status_code == 404
        assert register is not gateway

    async def test_leaves_a_name_with_a_substitute_character_to_an_official(
        self, register: As, gateway: As
    ) -> None:
        answer = await gateway.post(f"{PATH}/matches", json=CARD | {"name": "北見 〓子"})
        assert answer.json()["grade"] == "official"
        other_day = CARD | {"name": "北見 〓子", "birth_on": "1970-01-01"}
        assert (await gateway.post(f"{PATH}/matches", json=other_day)).status_code == 404
        assert register is not gateway

    async def test_gives_one_answer_for_nobody_and_for_two(
        self, registrar: As, gateway: As
    ) -> None:
        await bring_in(registrar, [a_line(0), a_line(1)])
        twice = await gateway.post(f"{PATH}/matches", json=CARD)
        nobody = await gateway.post(f"{PATH}/matches", json=CARD | {"name": "誰か"})
        both = [
            {key: value for key, value in answer.json().items() if key != "instance"}
            for answer in (twice, nobody)
        ]
        assert both[0] == both[1]
        assert twice.status_code == 404

    async def test_is_for_the_gateway_alone(
        self, service: ServiceClient, tenancies: Tenancies
    ) -> None:
        for principal in (a_machine("demo-vendor"), a_resident(), an_official(Role.REGISTRAR)):
            refused = await service.as_(principal, tenancy=tenancies.kitami).post(
                f"{PATH}/matches", json=CARD
            )
            assert refused.status_code == 403


VIEWS = {
    "benefits": ("benefits_residents", {"address", "postal_code", "alias"}),
    "window_dx": ("window_residents", {"address", "postal_code", "tax_status", "relationship"}),
    "consultation": (
        "consultation_residents",
        {"address", "postal_code", "tax_status", "relationship"},
    ),
}


class TestPublishedViews:
    @pytest.mark.parametrize("service_name", VIEWS)
    async def test_show_a_neighbour_its_own_tenant_and_no_more_than_it_needs(
        self, service_name: str, register: As, house: House, tenancies: Tenancies
    ) -> None:
        assert register.caller.tenancy == tenancies.kitami
        view, withheld = VIEWS[service_name]
        for tenancy, expected in ((tenancies.kitami, 5), (tenancies.chiyoda, 0)):
            rows = await ask(house, service_name, tenancy, f"SELECT * FROM registry.{view}")
            assert len(rows) == expected
            assert not rows or withheld.isdisjoint(rows[0].keys())
        for column in sorted(withheld):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await ask(
                    house,
                    service_name,
                    tenancies.kitami,
                    f"SELECT {column} FROM registry.residents",
                )

    @pytest.mark.parametrize("service_name", VIEWS)
    async def test_are_the_only_way_in(
        self, service_name: str, house: House, tenancies: Tenancies
    ) -> None:
        for table in ("protected_addresses", "resident_history", "staging_rows", "imports"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await ask(house, service_name, tenancies.kitami, f"SELECT 1 FROM registry.{table}")


async def ask(house: House, service: str, tenancy: Tenancy, question: str) -> list[Any]:
    """Ask as a neighbour's application role, bound to a tenant."""
    connection = await asyncpg.connect(house.dsn(f"{service}_app"))
    try:
        await connection.execute(f"BEGIN; SET LOCAL app.tenant_id = '{tenancy.tenant_id}'")
        return await connection.fetch(question)
    finally:
        await connection.close()
