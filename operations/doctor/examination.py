"""The whole round: look at everything, say everything, and let the worst decide the exit status."""

from dataclasses import asdict
from pathlib import Path

from operations.failures import Failure
from operations.folder import DataFolder
from operations.supervision.programmes import Addresses
from operations.voice import Voice

from .findings import Finding, State
from .instance import (
    answering,
    data_folder,
    database,
    history,
    left_behind,
    orphans,
    ports_are_free,
    requirements,
)
from .machine import clock_is_right, disk, memory, python

_LOCK = Path(__file__).parents[2] / "requirements" / "runtime.txt"
_MARKS = {State.GOOD: "✔", State.DOUBTFUL: "!", State.BAD: "✘"}


class Unwell(Failure):
    """Something was found that will stand in the way."""

    def __init__(self, subjects: list[str]) -> None:
        listed = ", ".join(subjects)
        super().__init__(
            f"直す必要があるもの: {listed}",
            f"To be mended: {listed}",
            remedy_ja="上の「直し方」を順に試してください。",
            remedy="Follow the remedies above, in order.",
        )


def examine(data: Path, voice: Voice, *, port: int | None = None) -> None:
    """Look at machine and instance; nothing is changed.

    Without a port, the running instance's own counts.

    Raises:
        Unwell: at least one finding is bad.
    """
    folder = DataFolder(data.resolve())
    instance = folder.instance()
    if port is None:
        port = Addresses().port if instance is None else instance.port
    findings = [
        python(),
        disk(folder.root),
        memory(),
        clock_is_right(_LOCK),
        requirements(),
        data_folder(folder),
        database(folder),
        history(folder),
        ports_are_free(folder, port),
        answering(folder),
        orphans(folder),
        left_behind(),
    ]
    for finding in findings:
        _say(finding, voice)
    unwell = [finding.subject for finding in findings if finding.state is State.BAD]
    voice.answer({"well": not unwell, "findings": [asdict(finding) for finding in findings]})
    if unwell:
        raise Unwell(unwell)


def _say(finding: Finding, voice: Voice) -> None:
    voice.line(f"{_MARKS[finding.state]} {finding.subject}: {finding.seen}")
    if finding.state is not State.GOOD:
        voice.line(f"    直し方: {finding.remedy_ja}")
        voice.line(f"    To mend it: {finding.remedy}")
