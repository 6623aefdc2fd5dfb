"""The pages that lead a town's one administrator are run as they are written, each in one shell."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.journeys.running_house import ROOT, TAMAIRE, RunningHouse


@pytest.mark.journey
@pytest.mark.parametrize(("page", "promises"), [("officials.md", 20), ("municipalities.md", 25)])
def test_every_line_does_what_it_says_in_this_order(
    running_house: RunningHouse, tmp_path: Path, page: str, promises: int
) -> None:
    text = (ROOT / "docs" / page).read_text("utf-8")
    blocks = re.findall(r"^```bash\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    lines = (
        "\n".join(blocks)
        .replace("http://127.0.0.1:8200", f"http://127.0.0.1:{running_house.port}")
        .replace("DATA=.tamaire", f"DATA={running_house.data}")
        .replace("./tamaire ", "tamaire ")
    )
    ours = f'tamaire() {{ "{TAMAIRE}" "$@" --data "{running_house.data}"; }}\n'
    finished = subprocess.run(
        ["bash", "-eu", "-o", "pipefail", "-c", ours + lines],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8"},  # noqa: TID251 - curl and openssl
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    promised = re.findall(r"# → (.*)$", lines, re.MULTILINE)
    place = 0
    for words in promised:
        found = finished.stdout.find(words, place)
        assert found >= 0, (words, finished.stdout[place : place + 3000])
        place = found + len(words)
    assert len(promised) >= promises
