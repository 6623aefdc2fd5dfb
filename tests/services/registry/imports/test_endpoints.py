"""A file changes nothing until somebody says so, and then everything at once."""

import asyncio

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from foundation.identity import Role
from services.registry.imports.domain import COLUMNS, FaultKind
from tests.services.registry.conftest import PATH, bring_in, check, find
from tests.services.registry.files import a_file, a_line
from tests.services.registry.imports.test_domain import FAULTY
from tests.support.callers import As, ServiceClient, a_machine, a_resident, an_official
from tests.support.house import House, Tenancies

FAMILY = [
    a_line(0),
    a_line(1, 0, relationship="子", name_display="北見 太郎", name_kana="キタミ タロウ"),
]
CANARY = "北海道北見市秘密町9丁目9番9号"
HIDDEN = a_line(2, protection="dv", address=CANARY, name_display="髙﨑 桜")


class TestCheckImport:
    async def test_is_hidden_from_another_municipality(
        self, registrar: As, foreign_registrar: As
    ) -> None:
        report = await check(registrar, FAMILY)
        answer = await foreign_registrar.get(f"{PATH}/imports/{report['id']}")
        assert answer.status_code == 404

    async def test_writes_nothing(self, registrar: As) -> None:
        report = await check(registrar, FAMILY)
        assert (report["rows"], report["good"], report["new"]) == (2, 2, 2)
        assert await find(registrar, name="北見") == []

    async def test_names_every_kind_of_fault_and_keeps_the_good_lines(self, registrar: As) -> None:
        planted = dict(enumerate(FAULTY, start=3))
        lines = [*FAMILY, *(a_line(n, **FAULTY[kind]) for n, kind in planted.items())]
        report = await check(registrar, lines)
        assert {fault["cause"] for fault in report["faults"]} == set(FAULTY)
        assert (report["rows"], report["good"]) == (len(lines), len(FAMILY))
        assert all(fault["message_ja"] and fault["fix_ja"] for fault in report["faults"])

    @given(st.lists(st.sampled_from([None, *sorted(FAULTY)]), min_size=1, max_size=12))
    @settings(
        max_examples=12,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    async def test_finds_all_faults_and_loses_no_good_line(
        self, registrar: As, kinds: list[FaultKind | None]
    ) -> None:
        lines = [a_line(n, **(FAULTY[kind] if kind else {})) for n, kind in enumerate(kinds)]
        report = await check(registrar, lines)
        found = {fault["cause"]: fault["count"] for fault in report["faults"]}
        assert found == {kind: kinds.count(kind) for kind in set(kinds) if kind}
        assert report["good"] == kinds.count(None)

    async def test_names_lines_that_contradict_each_other(self, registrar: As) -> None:
        lines = [a_line(0), a_line(0), a_line(1), a_line(2, 1), a_line(3, relationship="妻")]
        report = await check(registrar, lines)
        found = {fault["cause"]: fault["lines"] for fault in report["faults"]}
        assert found["duplicate_resident"] == [2, 3]
        assert set(found["no_single_householder"]) >= {4, 5, 6}

    async def test_notices_that_a_spreadsheet_took_the_leading_zeros(self, registrar: As) -> None:
        kept, shorn = a_line(0), a_line(0)
        for name in ("resident_number", "household_number"):
            kept[name] = f"00{shorn[name]}"
        await bring_in(registrar, [kept])
        report = await check(registrar, [shorn])
        causes = {fault["cause"] for fault in report["faults"]}
        assert causes == {"resident_number", "household_number"}
        assert (report["good"], report["new"]) == (0, 0)

    async def test_reads_shift_jis_with_labels_on_paper(self, registrar: As) -> None:
        line = a_line(0, name_display="髙橋 花子", name_formal="髙橋 花子")
        answer = await registrar.post(
            f"{PATH}/imports",
            content=a_file([line], labels=True).encode("cp932"),
            headers={"Content-Type": "text/csv; charset=Shift_JIS"},
        )
        assert (answer.status_code, answer.json()["good"]) == (201, 1)

    @pytest.mark.parametrize(
        ("content", "charset"),
        [
            (b"", "utf-8"),
            (b"a,b,c\n1,2,3\n", "utf-8"),
            (a_file(FAMILY).encode("cp932"), "utf-8"),
            (a_file(FAMILY).encode() + b'"unclosed', "utf-8"),
        ],
        ids=["empty", "other columns", "other character set", "not CSV"],
    )
    async def test_says_when_it_cannot_be_read_at_all(
        self, registrar: As, content: bytes, charset: str
    ) -> None:
        refused = await registrar.post(
            f"{PATH}/imports",
            content=content,
            headers={"Content-Type": f"text/csv; charset={charset}"},
        )
        assert (refused.status_code, refused.json()["type"]) == (
            422,
            "/problems/registry/unreadable-file",
        )

    async def test_says_how_to_name_the_other_character_set(self, registrar: As) -> None:
        refused = await registrar.post(
            f"{PATH}/imports",
            content=a_file(FAMILY).encode("cp932"),
            headers={"Content-Type": "text/csv"},
        )
        assert "charset=shift_jis" in refused.json()["detail_ja"]

    async def test_names_headings_it_does_not_know_in_japanese(self, registrar: As) -> None:
        content = a_file(FAMILY, labels=True).replace("支援措置", "備考", 1).encode()
        refused = await registrar.post(
            f"{PATH}/imports", content=content, headers={"Content-Type": "text/csv"}
        )
        assert "重複した見出し: 備考" in refused.json()["detail_ja"]

    async def test_refuses_a_character_set_it_does_not_know(self, registrar: As) -> None:
        refused = await registrar.post(
            f"{PATH}/imports",
            content=a_file(FAMILY).encode(),
            headers={"Content-Type": "text/csv; charset=utf-16"},
        )
        assert refused.status_code == 415

    async def test_is_for_registrars(self, service: ServiceClient, tenancies: Tenancies) -> None:
        for principal in (a_resident(), an_official(Role.CLERK), a_machine(scopes=())):
            refused = await service.as_(principal, tenancy=tenancies.kitami).post(
                f"{PATH}/imports", content=b"", headers={"Content-Type": "text/csv"}
            )
            assert refused.status_code == 403


class TestConfirmImport:
    async def test_is_hidden_from_another_municipality(
        self, registrar: As, foreign_registrar: As
    ) -> None:
        report = await check(registrar, FAMILY)
        path = f"{PATH}/imports/{report['id']}/confirmation"
        refused = await foreign_registrar.post(path, json={"accept_faulty_rows": "none"})
        assert refused.status_code == 404
        await bring_in(registrar, FAMILY)
        assert await find(foreign_registrar, name="北見") == []

    async def test_lets_the_whole_file_in(self, registrar: As) -> None:
        await bring_in(registrar, FAMILY)
        found = await find(registrar, name="北見")
        assert [(one["name_display"], one["is_householder"]) for one in found] == [
            ("北見 太郎", False),
            ("北見 花子", True),
        ]

    async def test_refuses_faulty_lines_until_somebody_leaves_them_out(self, registrar: As) -> None:
        report = await check(registrar, [*FAMILY, a_line(5, gender="3")])
        path = f"{PATH}/imports/{report['id']}/confirmation"
        refused = await registrar.post(path, json={"accept_faulty_rows": "none"})
        assert (refused.status_code, refused.json()["type"]) == (
            409,
            "/problems/registry/import-has-faults",
        )
        assert await find(registrar, name="北見") == []
        assert (
            await registrar.post(path, json={"accept_faulty_rows": "leave_out"})
        ).status_code == 200
        assert len(await find(registrar, name="北見")) == 2

    async def test_happens_once_when_two_confirm_at_one_moment(self, registrar: As) -> None:
        report = await check(registrar, FAMILY)
        path = f"{PATH}/imports/{report['id']}/confirmation"
        answers = await asyncio.gather(
            *(registrar.post(path, json={"accept_faulty_rows": "none"}) for _ in range(4))
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]

    @pytest.mark.parametrize("first", [[], [a_line(9)]], ids=["nobody", "somebody"])
    async def test_sees_what_the_register_has_become_since_the_check(
        self, registrar: As, first: list[dict[str, str]]
    ) -> None:
        if first:
            await bring_in(registrar, first)
        head, other = a_line(0), a_line(1, 0)
        late = await check(registrar, [other])
        assert (late["faults"], late["new"]) == ([], 1)
        await bring_in(registrar, [head])
        path = f"{PATH}/imports/{late['id']}/confirmation"
        refused = await registrar.post(path, json={"accept_faulty_rows": "none"})
        assert refused.json()["type"] == "/problems/registry/import-has-faults"
        left_out = await registrar.post(path, json={"accept_faulty_rows": "leave_out"})
        assert (left_out.json()["state"], left_out.json()["new"]) == ("confirmed", 0)

    async def test_does_nothing_the_second_time(self, registrar: As) -> None:
        await bring_in(registrar, FAMILY)
        again = await check(registrar, FAMILY)
        assert again["already_imported"]
        assert (again["new"], again["changed"], again["unchanged"]) == (0, 0, 2)
        await bring_in(registrar, FAMILY)
        assert [one["history_number"] for one in await find(registrar, name="北見")] == [1, 1]

    async def test_keeps_what_a_resident_was_before(
        self, registrar: As, house: House, tenancies: Tenancies
    ) -> None:
        await bring_in(registrar, FAMILY)
        married = {**FAMILY[0], "name_display": "千代田 花子"}
        await bring_in(registrar, [married, FAMILY[1]])
        (found,) = await find(registrar, name="千代田")
        assert (found["history_number"], found["version"]) == (2, 2)
        owner = await asyncpg.connect(house.dsn("registry_owner"))
        kept = await owner.fetch(
            "SELECT name_display, history_number FROM registry.resident_history"
            " WHERE tenant_id = $1",
            tenancies.kitami.tenant_id,
        )
        await owner.close()
        assert [tuple(row) for row in kept] == [("北見 花子", 1)]

    async def test_judges_a_household_as_the_register_would_have_it(self, registrar: As) -> None:
        await bring_in(registrar, FAMILY)
        # A newborn alone is fine: the mother in the register is the householder.
        born = a_line(2, 0, relationship="子", name_display="北見 次郎", birth_on="2026-11-01")
        await bring_in(registrar, [born])
        # A second householder is not, though the file alone has only one.
        report = await check(registrar, [a_line(3, 0, name_display="北見 三郎")])
        assert [fault["cause"] for fault in report["faults"]] == ["no_single_householder"]

    async def test_cannot_end_a_protection(self, registrar: As) -> None:
        await bring_in(registrar, [HIDDEN])
        report = await check(registrar, [{**HIDDEN, "protection": ""}])
        assert [fault["cause"] for fault in report["faults"]] == ["protection_would_end"]
        await registrar.post(
            f"{PATH}/imports/{report['id']}/confirmation",
            json={"accept_faulty_rows": "leave_out"},
        )
        (found,) = await find(registrar, name="髙﨑")
        assert found["address"] == {"masked": True, "notice": "非開示"}

    async def test_writes_a_protected_address_nowhere_in_the_clear(
        self, registrar: As, house: House
    ) -> None:
        # She lived there in the open before; the history must not tell it either.
        hidden = {**HIDDEN, "address": "北海道北見市隠里町1丁目1番1号"}
        await bring_in(registrar, [{**hidden, "protection": ""}])
        await bring_in(registrar, [{**hidden, "protection": "", "alias": "サクラコ"}])
        await bring_in(registrar, [hidden])
        await bring_in(registrar, [{**hidden, "alias": "サクラ"}])
        owner = await asyncpg.connect(house.superuser_dsn())
        tables = await owner.fetch(
            "SELECT schemaname || '.' || tablename AS name FROM pg_tables"
            " WHERE schemaname IN ('registry', 'audit')"
        )
        seen = [
            row["name"]
            for row in tables
            if await owner.fetchval(
                f"SELECT EXISTS (SELECT FROM {row['name']} t WHERE t::text LIKE '%隠里町%')"
            )
        ]
        await owner.close()
        assert seen == []


class TestDiscardImport:
    async def test_is_hidden_from_another_municipality(
        self, registrar: As, foreign_registrar: As
    ) -> None:
        report = await check(registrar, FAMILY)
        path = f"{PATH}/imports/{report['id']}/disposal"
        assert (await foreign_registrar.post(path)).status_code == 404
        assert (await registrar.post(path)).json()["state"] == "discarded"

    async def test_cannot_be_confirmed_afterwards(self, registrar: As) -> None:
        report = await check(registrar, FAMILY)
        await registrar.post(f"{PATH}/imports/{report['id']}/disposal")
        refused = await registrar.post(
            f"{PATH}/imports/{report['id']}/confirmation", json={"accept_faulty_rows": "none"}
        )
        assert refused.status_code == 409


class TestReadImport:
    async def test_is_hidden_from_another_municipality(
        self, registrar: As, foreign_registrar: As
    ) -> None:
        report = await check(registrar, FAMILY)
        path = f"{PATH}/imports/{report['id']}"
        assert (await registrar.get(path)).json() == report
        assert (await foreign_registrar.get(path)).status_code == 404


def test_every_column_has_a_label() -> None:
    assert len(set(COLUMNS.values())) == len(COLUMNS)
