"""Files of any size, packed or not, whole registers or changes, and what is sent back of them."""

import csv
import gzip
import hashlib
import io

import pytest

from tests.services.registry.conftest import PATH, bring_in, check, find, until
from tests.services.registry.files import a_file, a_line
from tests.support.callers import As

CANARY = "北海道北見市秘密町9丁目9番9号"
HIDDEN = a_line(2, protection="dv", address=CANARY, name_display="髙﨑 桜")


class TestLargeFile:
    """A file of more lines than are judged while the sender waits."""

    @pytest.mark.usefixtures("small_parts")
    async def test_is_judged_and_let_in_behind_the_counter(self, registrar: As) -> None:
        lines = [a_line(n) for n in range(40)]
        lines[7]["gender"] = "3"
        received = await check(registrar, lines)
        assert (received["state"], received["lines"]) == ("received", 41)
        checked = await until(registrar, received["id"], "checked")
        assert (checked["rows"], checked["good"], checked["new"]) == (40, 39, 39)
        assert [(f["cause"], f["lines"]) for f in checked["faults"]] == [("gender", [9])]
        path = f"{PATH}/imports/{received['id']}/confirmation"
        confirming = await registrar.post(path, json={"accept_faulty_rows": "leave_out"})
        assert confirming.json()["state"] == "confirming"
        assert (await registrar.post(path, json={})).status_code == 409
        confirmed = await until(registrar, received["id"], "confirmed")
        assert (confirmed["new"], len(await find(registrar, name="北見"))) == (39, 39)
        again = await until(registrar, (await check(registrar, lines))["id"], "checked")
        assert (again["already_imported"], again["new"], again["changed"]) == (True, 0, 0)

    @pytest.mark.usefixtures("small_parts")
    async def test_may_be_packed(self, registrar: As) -> None:
        lines = [a_line(n) for n in range(40)]
        answer = await registrar.post(
            f"{PATH}/imports",
            content=gzip.compress(a_file(lines).encode()),
            headers={"Content-Type": "text/csv", "Content-Encoding": "gzip"},
        )
        checked = await until(registrar, answer.json()["id"], "checked")
        digest = hashlib.sha256(a_file(lines).encode()).hexdigest()
        assert (checked["good"], checked["digest"]) == (40, digest)

    @pytest.mark.parametrize(
        "content",
        [gzip.compress(bytes(200_000_000), mtime=0), gzip.compress(b"a,b", mtime=0)[:-9], b"plain"],
        ids=["a bomb", "broken off", "not packed"],
    )
    async def test_may_not_be_a_bomb_nor_broken_off(self, registrar: As, content: bytes) -> None:
        refused = await registrar.post(
            f"{PATH}/imports",
            content=content,
            headers={"Content-Type": "text/csv", "Content-Encoding": "gzip"},
        )
        assert (refused.status_code, refused.json()["type"]) == (
            422,
            "/problems/registry/unreasonable-archive",
        )


class TestFullLoad:
    async def test_reports_who_is_missing_and_ends_nobody_unasked(self, registrar: As) -> None:
        await bring_in(registrar, [a_line(0), a_line(1)])
        report = await check(registrar, [a_line(0)], load="full")
        assert report["missing"] == 1
        listed = await registrar.get(f"{PATH}/imports/{report['id']}/missing")
        assert [one["resident_number"] for one in listed.json()["items"]] == [
            a_line(1)["resident_number"]
        ]
        path = f"{PATH}/imports/{report['id']}/confirmation"
        await registrar.post(path, json={"accept_faulty_rows": "none"})
        assert [one["resident_until"] for one in await find(registrar, name="北見")] == [None, None]

    async def test_ends_who_is_missing_when_told_to(self, registrar: As) -> None:
        await bring_in(registrar, [a_line(0), a_line(1)])
        report = await check(registrar, [a_line(0)], load="full")
        path = f"{PATH}/imports/{report['id']}/confirmation"
        body = {"accept_faulty_rows": "none", "end_missing_on": "2026-11-01"}
        assert (await registrar.post(path, json=body)).status_code == 200
        ended = {one["resident_until"] for one in await find(registrar, name="北見")}
        assert ended == {None, "2026-11-01"}

    async def test_cannot_tell_who_is_missing_from_a_delta_or_a_faulty_file(
        self, registrar: As
    ) -> None:
        for report in (
            await check(registrar, [a_line(0)]),
            await check(registrar, [a_line(0), a_line(1, gender="3")], load="full"),
        ):
            refused = await registrar.post(
                f"{PATH}/imports/{report['id']}/confirmation",
                json={"accept_faulty_rows": "leave_out", "end_missing_on": "2026-11-01"},
            )
            assert refused.json()["type"] == "/problems/registry/missing-cannot-be-ended"


class TestReadFaultyRows:
    async def test_is_hidden_from_another_municipality(
        self, registrar: As, foreign_registrar: As
    ) -> None:
        report = await check(registrar, [a_line(0, gender="3")])
        path = f"{PATH}/imports/{report['id']}/faulty-rows"
        assert (await registrar.get(path)).status_code == 200
        assert (await foreign_registrar.get(path)).status_code == 404

    async def test_gives_the_lines_back_in_their_character_set(self, registrar: As) -> None:
        lines = [a_line(0), a_line(1, gender="3", alias="=1+1"), a_line(2, gender="4")]
        answer = await registrar.post(
            f"{PATH}/imports",
            content=a_file(lines, labels=True).encode("cp932"),
            headers={"Content-Type": "text/csv; charset=shift_jis"},
        )
        path = f"{PATH}/imports/{answer.json()['id']}/faulty-rows"
        found = await registrar.get(path)
        assert found.headers["content-type"] == "text/csv; charset=shift_jis"
        _, first, second = csv.reader(io.StringIO(found.content.decode("cp932")))
        assert (first[0], first[1]) == ("3", "性別が 1・2・9 のいずれでもありません。")
        assert "'=1+1" in first
        assert second[0] == "4"
        rest = await registrar.get(path, params={"after_line": 3})
        assert rest.content.count(b"\r\n") == 2

    async def test_gives_no_address_of_a_protected_person(self, registrar: As) -> None:
        await bring_in(registrar, [HIDDEN])
        lines = [
            {**HIDDEN, "protection": ""},
            a_line(3, protection="dv", address=CANARY, name_formal=""),
        ]
        report = await check(registrar, lines)
        found = await registrar.get(f"{PATH}/imports/{report['id']}/faulty-rows")
        assert found.content.decode().count("非開示") == 4
        assert CANARY not in found.content.decode()

    @pytest.mark.parametrize("word", ["dv", "支援", "ＤＶ", "1", ""])
    async def test_gives_nothing_back_of_a_line_whose_columns_do_not_fit(
        self, registrar: As, word: str
    ) -> None:
        line = a_line(3, protection=word, address=f"{CANARY},101号")
        content = a_file([line]).encode()
        answer = await registrar.post(
            f"{PATH}/imports", content=content, headers={"Content-Type": "text/csv"}
        )
        assert [one["cause"] for one in answer.json()["faults"]] == ["wrong_column_count"]
        found = await registrar.get(f"{PATH}/imports/{answer.json()['id']}/faulty-rows")
        _, row = csv.reader(io.StringIO(found.content.decode()))
        assert (row[0], row[3:]) == ("2", ["非開示"])

    async def test_knows_a_protected_person_by_the_words_of_their_own_system(
        self, registrar: As
    ) -> None:
        layout = {
            "name": "words",
            "headings": {"支援区分": "protection", "備考": ""},
            "values": {"protection": {"0": "", "9": "dv"}},
        }
        await registrar.post(f"{PATH}/import-layouts", json=layout)
        shown, hidden = (
            a_line(n, protection=word, name_formal="") for n, word in ((3, "0"), (4, "9"))
        )
        content = a_file([shown, hidden | {"address": CANARY}]).replace("protection", "支援区分")
        header, *lines = content.splitlines()
        noted = [f"{header},備考", f"{lines[0]},なし", f"{lines[1]},{CANARY}へ"]
        answer = await registrar.post(
            f"{PATH}/imports",
            params={"layout": "words"},
            content="\n".join(noted).encode(),
            headers={"Content-Type": "text/csv"},
        )
        found = await registrar.get(f"{PATH}/imports/{answer.json()['id']}/faulty-rows")
        _, first, second = csv.reader(io.StringIO(found.content.decode()))
        assert shown["address"] in first
        assert (second.count("非開示"), CANARY in found.content.decode()) == (3, False)


class TestLayouts:
    async def test_let_a_file_be_read_as_its_own_system_writes_it(
        self, registrar: As, foreign_registrar: As
    ) -> None:
        body = {
            "name": "own",
            "headings": {"住民コード": "resident_number", "備考": ""},
            "values": {"tax_status": {"1": "exempt"}},
            "any_dates": True,
        }
        kept = [await registrar.post(f"{PATH}/import-layouts", json=body) for _ in range(2)]
        assert [(one.status_code, one.json()["revision"]) for one in kept] == [(201, 1), (201, 2)]
        line = a_line(0, tax_status="1", birth_on="S60.3.15")
        content = a_file([line]).replace("resident_number", "住民コード")
        sent = {
            "params": {"layout": "own"},
            "content": content.encode(),
            "headers": {"Content-Type": "text/csv"},
        }
        report = await registrar.post(f"{PATH}/imports", **sent)
        assert (report.status_code, report.json()["good"]) == (201, 1)
        assert (await foreign_registrar.post(f"{PATH}/imports", **sent)).status_code == 404
        listed = (await registrar.get(f"{PATH}/import-layouts")).json()["items"]
        assert [one["revision"] for one in listed] == [2, 1]
        assert (await foreign_registrar.get(f"{PATH}/import-layouts")).json()["items"] == []


class TestCharacters:
    async def test_that_would_degrade_are_reported(self, registrar: As) -> None:
        report = await check(registrar, [a_line(0, name_formal="𠮷田　髙﨑邊󠄂")])
        shown = {one["character"]: one["shown_as"] for one in report["characters"]}
        assert shown == {"𠮷": "吉", "髙": "高", "﨑": "崎", "邊󠄂": "辺"}
