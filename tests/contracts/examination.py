"""One run of Schemathesis over a house, as a process of its own, and what came of it."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

from tests.contracts.callers import PEERS
from tests.contracts.peers import Peers
from tests.journeys.running_house import ROOT, RunningHouse

_CONFIGURATION: Final = Path(__file__).with_name("schemathesis.toml")
_ST: Final = Path(sys.executable).with_name("st")
_APART: Final = {
    "platform_set_switch": "PUT /platform/v1/services/{service_name}/switch",
    "platform_plan_pause": "POST /platform/v1/services/{service_name}/pauses",
    "platform_propose_membership_act": "POST /platform/v1/membership/acts",
    "platform_set_membership_service": "PUT /platform/v1/membership/services/{service_name}",
    "platform_end_sessions": "DELETE /platform/v1/sessions",
    "platform_end_session": "DELETE /platform/v1/sessions/{session_id}",
}
APART: Final = frozenset(_APART.values())
"""What would shut a service or sign the examiner out: nothing after it would be examined."""
_OF_PEERS: Final = "object_level_authorization,ignored_auth,not_a_server_error"
"""The others judge the description, which is cut down for peers to what both may use."""
_LONGEST_SECONDS: Final = 3_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What is tried: as whom, in which ways, and how often. The same seed tries the same."""

    phases: str
    most_examples: int
    caller: str = ""
    """A name of `CALLERS`, `anonymous`, or nothing: then whoever may, in turn."""
    peers: Peers | None = None
    """Two who must not see each other's things; then `caller` is nobody."""
    seed: int = 1
    mode: str = "all"
    """`positive`: only what keeps to the description; `all`: also what does not."""

    @property
    def name(self) -> str:
        """How the files of this run are called."""
        return self.peers.name if self.peers else self.caller or "whoever-may"


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What came of a run; `told` is Schemathesis's own words about every failure."""

    name: str
    cases: int
    operations: int
    failures: int
    errors: int
    told: str = field(repr=False)
    answers: Counter[tuple[str, int]] = field(repr=False)
    """How often an operation answered with a status."""

    @property
    def statuses(self) -> Counter[int]:
        """How often there was each status."""
        counted: Counter[int] = Counter()
        for (_, status), times in self.answers.items():
            counted[status] += times
        return counted

    @property
    def operations_asked(self) -> frozenset[str]:
        """Every operation that answered at all."""
        return frozenset(operation for operation, _ in self.answers)


def examine(house: RunningHouse, what: Examination, folder: Path) -> Findings:
    """Let Schemathesis examine the published interface of a house."""
    base_url = f"http://127.0.0.1:{house.port}"
    keys = house.data / "keys" / "clients"
    record, report = folder / f"{what.name}.jsonl", folder / f"{what.name}.json"
    record.touch()
    # From a file: Schemathesis leaves out the address it reads a description from.
    description = folder / "openapi.json"
    description.write_text(json.dumps(_description(base_url, what)), encoding="utf-8")
    configuration = folder / "schemathesis.toml"
    peers = what.peers.sign_in(base_url, keys, folder) if what.peers else ""
    configuration.write_text(f"{_CONFIGURATION.read_text('utf-8')}\n{peers}", encoding="utf-8")
    done = subprocess.run(
        [
            *(str(_ST), "--config-file", str(configuration), "run", str(description)),
            *("--url", base_url, "--seed", str(what.seed), "--no-color", "--mode", what.mode),
            *("--checks", _OF_PEERS if what.peers else "all"),
            *("--phases", what.phases, "--max-examples", str(what.most_examples)),
            *(word for name in _APART for word in ("--exclude-operation-id", name)),
            *("--report", "json", "--report-json-path", str(report)),
        ],
        cwd=folder,
        env={
            "PATH": os.defpath,
            "PYTHONPATH": str(ROOT),
            "CONTRACT_BASE_URL": base_url,
            "CONTRACT_KEYS": str(keys),
            "CONTRACT_CALLER": PEERS if what.peers else what.caller,
            "CONTRACT_RECORD": str(record),
        },
        capture_output=True,
        text=True,
        timeout=_LONGEST_SECONDS,
        check=False,
    )
    assert report.exists(), done.stdout + done.stderr
    summary: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return Findings(
        name=what.name,
        cases=summary["test_cases"]["generated"],
        operations=summary["operations"]["tested"],
        failures=summary["test_cases"]["unique_failures"],
        errors=len(summary["errors"]),
        told=_about_failures(done.stdout),
        answers=Counter(_answers(record)),
    )


def _description(base_url: str, what: Examination) -> dict[str, Any]:
    whole: dict[str, Any] = httpx.get(f"{base_url}/openapi.json").json()
    return what.peers.what_they_may(whole) if what.peers else whole


def _answers(record: Path) -> Iterator[tuple[str, int]]:
    for line in record.read_text(encoding="utf-8").splitlines():
        said = json.loads(line)
        yield said["operation"], said["status"]


def _about_failures(told: str) -> str:
    """Return what Schemathesis said, from the first error or failure on."""
    _, _, rest = told.partition("=\n")
    return rest or told
