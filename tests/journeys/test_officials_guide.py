"""The page that leads a town's one administrator is run as it is written, in one shell."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.journeys.running_house import ROOT, RunningHouse

GUIDE = ROOT / "docs" / "officials.md"


@pytest.mark.journey
def test_every_line_does_what_it_says_in_this_order(
    running_house: RunningHouse, tmp_path: Path
) -> None:
    blocks = re.findall(r"^```bash\n(.*?)^```$", GUIDE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    lines = (
        "\n".join(blocks)
        .replace("http://127.0.0.1:8200", f"http://127.0.0.1:{running_house.port}")
        .replace("DATA=.tamaire", f"DATA={running_house.data}")
    )
    finished = subprocess.run(
        ["bash", "-eu", "-o", "pipefail", "-c", lines],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8"},  # noqa: TID251 - curl and openssl
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    promises = re.findall(r"# → (.*)$", lines, re.MULTILINE)
    place = 0
    for words in promises:
        found = finished.stdout.find(words, place)
        assert found >= 0, (words, finished.stdout[place : place + 3000])
        place = found + len(words)
    assert len(promises) > 20
