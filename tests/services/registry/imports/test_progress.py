"""Whoever hands a file in sees how it will be read, and how far it is, until it is at rest."""

import json
from typing import Any

import pytest

from tests.services.registry.conftest import PATH, check
from tests.services.registry.files import a_file, a_line
from tests.support.callers import As

CANARY = "北海道北見市秘密町9丁目9番9号"
CSV = {"Content-Type": "text/csv"}


def told(text: str) -> list[dict[str, Any]]:
    """Return the events of a stream, each with its id, its name and its content."""
    found: list[dict[str, Any]] = []
    for block in text.split("\n\n"):
        split = (line.partition(": ") for line in block.splitlines())
        fields: dict[str, Any] = {name: value for name, _, value in split}
        if "data" in fields:
            found.append({**fields, "data": json.loads(fields["data"])})
    return found


class TestFollowImport:
    async def test_is_hidden_from_another_municipality(
        self, registrar: As, foreign_registrar: As
    ) -> None:
        report = await check(registrar, [a_line(0)])
        path = f"{PATH}/imports/{report['id']}/events"
        assert (await registrar.get(path)).status_code == 200
        refused = await foreign_registrar.get(path)
        assert (refused.status_code, refused.headers["content-type"]) == (
            404,
            "application/problem+json",
        )

    @pytest.mark.usefixtures("small_parts")
    async def test_tells_how_far_it_is_until_it_waits_for_a_word(self, registrar: As) -> None:
        received = await check(registrar, [a_line(n) for n in range(40)])
        assert received["state"] == "received"
        answer = await registrar.get(f"{PATH}/imports/{received['id']}/events")
        assert answer.headers["content-type"].startswith("text/event-stream")
        events = told(answer.text)
        assert [one["event"] for one in events[:-1]] == ["progress"] * (len(events) - 1)
        assert len({one["id"] for one in events}) == len(events)
        last = events[-1]
        assert (last["event"], last["data"]["state"], last["data"]["good"]) == (
            "settled",
            "checked",
            40,
        )
        assert last["data"]["id"] == received["id"]

    @pytest.mark.usefixtures("small_parts")
    async def test_goes_on_while_the_lines_are_let_in(self, registrar: As) -> None:
        received = await check(registrar, [a_line(n) for n in range(40)])
        path = f"{PATH}/imports/{received['id']}"
        checked = told((await registrar.get(f"{path}/events")).text)[-1]
        await registrar.post(f"{path}/confirmation", json={"accept_faulty_rows": "none"})
        answer = await registrar.get(f"{path}/events", headers={"Last-Event-ID": checked["id"]})
        last = told(answer.text)[-1]
        assert (last["data"]["state"], last["data"]["new"]) == ("confirmed", 40)

    async def test_does_not_say_again_what_was_heard(self, registrar: As) -> None:
        report = await check(registrar, [a_line(0)])
        path = f"{PATH}/imports/{report['id']}/events"
        (first,) = told((await registrar.get(path)).text)
        again = await registrar.get(path, headers={"Last-Event-ID": first["id"]})
        assert told(again.text) == []
        assert "retry: 60000" in again.text

    async def test_refuses_a_last_word_it_never_said(self, registrar: As) -> None:
        report = await check(registrar, [a_line(0)])
        path = f"{PATH}/imports/{report['id']}/events"
        refused = await registrar.get(path, headers={"Last-Event-ID": "x"})
        assert refused.status_code == 422


class TestPreviewImport:
    async def test_shows_which_column_is_which_and_the_lines_in_our_words(
        self, registrar: As, foreign_registrar: As
    ) -> None:
        layout = {
            "name": "preview",
            "headings": {"住民コード": "resident_number", "備考": ""},
            "values": {"tax_status": {"1": "exempt"}},
            "any_dates": True,
        }
        await registrar.post(f"{PATH}/import-layouts", json=layout)
        line = a_line(0, tax_status="1", birth_on="S60.3.15", gender="3")
        content = a_file([line]).replace("resident_number", "住民コード")
        sent = {"params": {"layout": "preview"}, "content": content.encode(), "headers": CSV}
        answer = await registrar.post(f"{PATH}/import-previews", **sent)
        assert answer.status_code == 200, answer.text
        found = answer.json()
        assert found["columns"][0] == {
            "heading": "住民コード",
            "column": "resident_number",
            "label_ja": "宛名番号",
        }
        (shown,) = found["lines"]
        assert (shown["line"], shown["cells"]["tax_status"]) == (2, "exempt")
        assert shown["cells"]["birth_on"] == "1985-03-15"
        assert [one["cause"] for one in shown["faults"]] == ["gender"]
        assert (await foreign_registrar.post(f"{PATH}/import-previews", **sent)).status_code == 404

    async def test_passes_over_a_line_that_is_cut_and_shows_twenty(self, registrar: As) -> None:
        content = a_file([a_line(n) for n in range(30)]).encode()
        answer = await registrar.post(f"{PATH}/import-previews", content=content[:-40], headers=CSV)
        assert [one["line"] for one in answer.json()["lines"]] == list(range(2, 22))
        cut = a_file([a_line(0), a_line(1)]).encode()[:-9]
        answer = await registrar.post(f"{PATH}/import-previews", content=cut, headers=CSV)
        assert [one["line"] for one in answer.json()["lines"]] == [2]

    async def test_agrees_with_the_check_of_the_whole(self, registrar: As) -> None:
        lines = [a_line(0), a_line(1, gender="3"), a_line(2, address="a,b"), a_line(3, birth_on="")]
        preview = await registrar.post(
            f"{PATH}/import-previews", content=a_file(lines).encode(), headers=CSV
        )
        report = await check(registrar, lines)
        found = {
            (fault["cause"], one["line"])
            for one in preview.json()["lines"]
            for fault in one["faults"]
        }
        assert found == {(f["cause"], line) for f in report["faults"] for line in f["lines"]}
        assert len(found) == 3

    async def test_shows_no_address_of_a_protected_person(self, registrar: As) -> None:
        lines = [a_line(0, protection="支援", address=CANARY), a_line(1, address=f"{CANARY},x")]
        answer = await registrar.post(
            f"{PATH}/import-previews", content=a_file(lines).encode(), headers=CSV
        )
        first, second = answer.json()["lines"]
        assert (first["cells"]["address"], second["cells"]) == ("非開示", {})
        assert CANARY not in answer.text

    @pytest.mark.parametrize("content", [b"", b"a,b\n", "宛名番号\n".encode("cp932"), b'"x'])
    async def test_says_what_cannot_be_read(self, registrar: As, content: bytes) -> None:
        refused = await registrar.post(f"{PATH}/import-previews", content=content, headers=CSV)
        assert refused.json()["type"] in {
            "/problems/registry/unreadable-file",
            "/problems/platform/malformed-request",
        }
        assert refused.status_code in {400, 422}
