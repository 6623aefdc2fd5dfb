"""The house keeps to its published interface, whoever asks and whatever is sent.

The quick examination runs with everything else and keeps to the description; the long one, which
also sends what does not, has its own command (`docs/proofs.md`). Both insist on the same: no
failure, no error of ours, nobody turned away by the rate limit, and no operation left out.
"""

import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.contracts.callers import ANONYMOUS, CALLERS
from tests.contracts.examination import APART, Examination, Findings, examine
from tests.contracts.peers import ONESELF, STRANGERS, Peers
from tests.journeys.running_house import RunningHouse

QUICK = Examination(phases="examples,coverage,stateful", most_examples=5, mode="positive")
LONG = Examination(phases="examples,coverage,fuzzing,stateful", most_examples=200)
AS_ONE = "examples,coverage,fuzzing,stateful"
_JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龠]")
_METHODS = ("get", "put", "post", "delete", "patch")


@pytest.fixture(scope="module")
def lively_house(running_house: RunningHouse) -> RunningHouse:
    """A house in which the demonstration has been played, so that there is something to see."""
    played = running_house.demo("all")
    assert played.returncode == 0, played.stdout
    return running_house


def description_of(house: RunningHouse) -> dict[str, Any]:
    """Return the description of a whole house."""
    return httpx.get(f"http://127.0.0.1:{house.port}/openapi.json").json()


def operations_of(house: RunningHouse) -> frozenset[str]:
    """Return every operation that is published, by method and path."""
    paths = description_of(house)["paths"]
    return frozenset(
        f"{method.upper()} {path}"
        for path, item in paths.items()
        for method in _METHODS
        if method in item
    )


def insist(findings: Findings, published: frozenset[str]) -> None:
    """Nothing failed, nothing was left out, and nothing was hidden by the rate limit."""
    assert not findings.failures, findings.told
    assert not findings.errors, findings.told
    assert published - findings.operations_asked == APART
    assert not [status for status in findings.statuses if status >= 500 or status == 429]


@pytest.mark.journey
class TestQuickExamination:
    def test_finds_nothing_amiss(self, running_house: RunningHouse, tmp_path: Path) -> None:
        insist(examine(running_house, QUICK, tmp_path), operations_of(running_house))

    def test_the_description_speaks_to_people(self, running_house: RunningHouse) -> None:
        described = description_of(running_house)
        assert all(_JAPANESE.search(tag["description"]) for tag in described["tags"])
        for item in described["paths"].values():
            for operation in item.values():
                assert _JAPANESE.search(operation["summary"]), operation["operationId"]
                assert operation["description"], operation["operationId"]
        flows = described["components"]["securitySchemes"]["tamaire"]["flows"]
        for flow in flows.values():
            assert all(_JAPANESE.search(meaning) for meaning in flow["scopes"].values())


@pytest.mark.slow
class TestLongExamination:
    def test_finds_nothing_amiss_as_whoever_may(
        self, lively_house: RunningHouse, tmp_path: Path
    ) -> None:
        findings = examine(lively_house, LONG, tmp_path)
        tell(findings)
        insist(findings, operations_of(lively_house))

    @pytest.mark.parametrize("caller", [*CALLERS, ANONYMOUS])
    def test_finds_nothing_amiss_as(
        self, lively_house: RunningHouse, tmp_path: Path, caller: str
    ) -> None:
        what = Examination(phases=AS_ONE, most_examples=20, caller=caller)
        findings = examine(lively_house, what, tmp_path)
        tell(findings)
        insist(findings, operations_of(lively_house))


@pytest.mark.slow
class TestPeers:
    @pytest.mark.parametrize("peers", STRANGERS, ids=lambda peers: peers.name)
    def test_see_nothing_of_each_other(
        self, lively_house: RunningHouse, tmp_path: Path, peers: Peers
    ) -> None:
        findings = examine(lively_house, _as(peers), tmp_path)
        tell(findings)
        assert not findings.failures, findings.told
        assert not findings.errors, findings.told
        assert findings.statuses[200]
        assert not findings.statuses[429]

    def test_are_told_from_oneself(self, lively_house: RunningHouse, tmp_path: Path) -> None:
        findings = examine(lively_house, _as(ONESELF), tmp_path)
        assert "Object-level authorization bypass" in findings.told


def _as(peers: Peers) -> Examination:
    return Examination(phases="coverage,stateful", most_examples=100, peers=peers)


def tell(findings: Findings) -> None:
    """Print the figures that are written down in `docs/proofs.md`."""
    statuses = ", ".join(f"{one}: {times}" for one, times in sorted(findings.statuses.items()))
    figures = f"{findings.operations} operations, {findings.cases} cases; {statuses}"
    print(f"\n{findings.name}: {figures}")  # noqa: T201 - they are what the run is for
