"""Each example is run as it is published, against a house that the first command started.

The Python one and the words of docs/integrating.md run with everything else. Those that need
further tools have their own command, and fail where a tool is missing:

    .venv/bin/pytest tests/examples -m slow
"""

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.examples import toolchains
from tests.journeys.running_house import RunningHouse

GUIDE = toolchains.ROOT / "docs" / "integrating.md"
SAID = (
    re.compile(r"registered sandbox 990019"),
    re.compile(r"programmes SANDBOX-OPEN SANDBOX-OVER"),
    re.compile(r"ticket [1-9][0-9]* same [Tt]rue"),
    re.compile(r"refused 503 /problems/platform/service-unavailable retry 2"),
    re.compile(r"Retry-After の秒数"),
)
Example = Callable[[Path, str], str]


def _address(house: RunningHouse) -> str:
    return f"http://127.0.0.1:{house.port}"


def _must_have_said(words: str) -> None:
    for expected in SAID:
        assert expected.search(words), (expected.pattern, words)


@pytest.mark.journey
class TestWithoutFurtherTools:
    def test_python_goes_from_nothing_to_its_first_calls(
        self, running_house: RunningHouse, tmp_path: Path
    ) -> None:
        _must_have_said(toolchains.python(tmp_path, _address(running_house)))

    def test_every_line_of_the_guide_does_what_it_says(
        self, running_house: RunningHouse, tmp_path: Path
    ) -> None:
        """Run the guide's own lines, one after the other, in one shell."""
        blocks = re.findall(
            r"^```bash\n(.*?)^```$", GUIDE.read_text("utf-8"), re.DOTALL | re.MULTILINE
        )
        lines = "\n".join(blocks).replace("http://127.0.0.1:8200", _address(running_house))
        promises = re.findall(r"# → (.*)$", lines, re.MULTILINE)
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
        assert len(promises) > 5
        missing = [words for words in promises if words not in finished.stdout]
        assert missing == [], finished.stdout


@pytest.mark.slow
class TestWithToolsOfTheirOwn:
    @pytest.mark.parametrize(
        "example",
        [toolchains.java, toolchains.typescript, toolchains.csharp],
        ids=["java", "typescript", "csharp"],
    )
    def test_goes_from_nothing_to_its_first_calls(
        self, running_house: RunningHouse, tmp_path: Path, example: Example
    ) -> None:
        _must_have_said(example(tmp_path, _address(running_house)))
