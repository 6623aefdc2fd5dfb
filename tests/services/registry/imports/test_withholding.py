"""Nothing that is sent back of a file tells where somebody lives whom the register protects."""

import csv
import io

import pytest

from services.registry.imports.domain import COLUMNS
from tests.services.registry.conftest import PATH, bring_in
from tests.services.registry.files import a_file, a_line, numbers
from tests.support.callers import As

CANARY = "ヒミツノマチ"
CSV = {"Content-Type": "text/csv"}
NUMBER = numbers(1)[0]
WIDE = str.maketrans("0123456789", "\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19")
MANGLED = {
    "full-width": NUMBER.translate(WIDE),
    "hyphen": f"{NUMBER[:-1]}-{NUMBER[-1]}",
    "decimal": f"{NUMBER}.0",
    "apostrophe": f"'{NUMBER}",
    "last digit lost": NUMBER[:-1],
    "zero before": f"0{NUMBER}",
}


async def sent_back(registrar: As, content: str, **asked: str) -> tuple[str, str]:
    """Return the preview of a file and its faulty lines, as they are sent back."""
    sent = {"content": content.encode(), "headers": CSV, "params": asked}
    preview = await registrar.post(f"{PATH}/import-previews", **sent)
    report = (await registrar.post(f"{PATH}/imports", **sent)).json()
    assert (preview.status_code, report["good"]) == (200, 0)
    rows = await registrar.get(f"{PATH}/imports/{report['id']}/faulty-rows")
    return preview.text, rows.text


class TestPersonWhoseNumberIsMangled:
    @pytest.mark.parametrize("number", MANGLED.values(), ids=MANGLED)
    async def test_has_no_address_in_what_is_sent_back(self, registrar: As, number: str) -> None:
        await bring_in(registrar, [a_line(0, protection="dv")])
        line = a_line(0, resident_number=number, address=CANARY, postal_code="9876543")
        for text in await sent_back(registrar, a_file([line])):
            assert CANARY not in text
            assert "9876543" not in text
            # What is to be mended is seen, and so is whom the line is about.
            assert number in text
            assert "北見 花子" in text


class TestLineWhoseCellsHaveMoved:
    @pytest.mark.parametrize(
        "line",
        [
            a_line(0, protection="dv", address=f"東京都港区,{CANARY}203号室"),
            a_line(0, address=f"東京都港区,{CANARY}203号室", resident_number=NUMBER[:-1]),
            a_line(0, protection="dv", relationship=f"世帯主,{CANARY}"),
            a_line(0, protection="dv", resident_number=f"{CANARY},{NUMBER}"),
        ],
        ids=["protected", "not to be looked up", "under a name", "under a number"],
    )
    async def test_shows_only_cells_that_are_what_their_heading_says(
        self, registrar: As, line: dict[str, str]
    ) -> None:
        layout = {"name": "remark", "headings": {"備考": ""}}
        await registrar.post(f"{PATH}/import-layouts", json=layout)
        _, row = a_file([line]).splitlines()
        content = f"{','.join(COLUMNS)},備考\n{row}\n"
        preview, rows = await sent_back(registrar, content, layout="remark")
        assert CANARY not in preview
        assert CANARY not in rows
        _, told = csv.reader(io.StringIO(rows))
        assert told[0] == "2"
        assert "北見　花子" not in told


class TestPersonWhoIsNotProtected:
    async def test_has_the_line_sent_back_as_it_was(self, registrar: As) -> None:
        line = a_line(0, nationality="JP", address=CANARY)
        for text in await sent_back(registrar, a_file([line])):
            assert CANARY in text
            assert "非開示" not in text
