"""A town hall's file goes by the command, through the gateway, as far as somebody has to agree."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from services.registry.imports.domain import FaultKind
from tests.journeys.running_house import TAMAIRE, RunningHouse, environment
from tests.proofs.register import FAULTS, write

LINES = 13_000
"""More than are judged while the sender waits."""


def asked(house: RunningHouse, *arguments: str) -> dict[str, Any]:
    finished = subprocess.run(
        [TAMAIRE, "imports", *arguments, "--json", "--data", str(house.data)],
        cwd="/",
        env=environment(),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    (answer,) = finished.stdout.splitlines()
    return {"status": finished.returncode, **json.loads(answer)}


@pytest.mark.journey
def test_a_register_is_seen_sent_checked_and_forgotten(
    running_house: RunningHouse, tmp_path: Path
) -> None:
    kitami = ("--municipality", "012084")
    clean, faulty = tmp_path / "clean.csv", tmp_path / "faulty.csv"
    write(clean, LINES)
    planted = write(faulty, LINES, of_each_fault=1)
    seen = asked(running_house, "preview", str(clean), *kitami)
    assert (seen["status"], len(seen["lines"])) == (0, 20)
    waiting = asked(running_house, "send", str(clean), *kitami)
    assert (waiting["status"], waiting["state"], waiting["faults"]) == (0, "checked", [])
    assert waiting["new"] == LINES
    refused = asked(running_house, "send", str(faulty), *kitami, "--yes")
    assert (refused["status"], refused["failure"]) == (1, "FaultsRemain")
    to_mend = (tmp_path / "faulty.to-mend.csv").read_text("utf-8")
    assert to_mend.count("\n") == sum(planted.values()) + 1 == len(FAULTS) + 1
    assert FaultKind.GENDER in planted
    other = refused["remedy"].split("confirm ")[1].split()[0]
    for import_id in (waiting["id"], other):
        gone = asked(running_house, "discard", import_id, *kitami)
        assert (gone["status"], gone["state"]) == (0, "discarded")
