"""The running house: everything it started, it watches, revives and, in order, stops."""

import os
import select
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Self

from operations.files import last_lines

from .child import Child, Programme
from .failures import NotReadyInTime, ProcessEnded
from .listening import Listener
from .readiness import Readiness

_POLL_S = 0.1
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(Exception):
    """Somebody asked us to stop while we were still starting."""


class House:
    """The processes in front of the database, first started first."""

    def __init__(
        self,
        *,
        logs: Path,
        readiness: Callable[[], Readiness],
        ready_within_s: float = 60.0,
        patience_s: float = 8.0,
    ) -> None:
        self._logs = logs
        self._readiness = readiness
        self._ready_within_s = ready_within_s
        self._patience_s = patience_s
        self._children: list[Child] = []
        self._retiring: list[Child] = []

    @property
    def children(self) -> Sequence[Child]:
        return tuple(self._children)

    def start(self, programme: Programme) -> None:
        """Start one more process; it is ours from now on."""
        listener = Listener.open(programme.listen) if programme.listen else None
        child = Child(programme, log=self._logs / f"{programme.name}.log", listener=listener)
        child.start()
        self._children.append(child)

    @property
    def replaceable(self) -> list[str]:
        """The names of those whose socket outlives them, those in the back first."""
        return [child.name for child in reversed(self._children) if child.listener is not None]

    def replace(self, name: str) -> bool:
        """Put a new process beside an old one, and let the old one leave when the new one works.

        False if there is no such process, or if its successor did not come up: then the old one
        serves on.
        """
        place = next((n for n, one in enumerate(self._children) if one.name == name), None)
        if place is None or self._children[place].listener is None:
            return False
        old = self._children[place]
        new = old.successor()
        new.start()
        deadline = time.monotonic() + self._ready_within_s
        while not new.takes_requests():
            if not new.is_running or time.monotonic() > deadline:
                new.stop(patience_s=0)
                return False
            time.sleep(_POLL_S)
        self._children[place] = new
        self._retiring.append(old)
        old.ask_to_stop()
        return True

    def _see_off(self) -> None:
        """Collect those who have left, and end those who do not."""
        for old in [one for one in self._retiring if not one.is_running or one.is_overdue]:
            old.stop(patience_s=0)
            self._retiring.remove(old)

    def wait_for(self, condition: Callable[[], bool], wish: "StopWish") -> None:
        """Wait until `condition` holds, as long as every process lives.

        Raises:
            ProcessEnded: one of them gave up; said with its last words.
            NotReadyInTime: the time is up.
            StopRequested: we were asked to stop.
        """
        deadline = time.monotonic() + self._ready_within_s
        while not condition():
            if wish.wait(_POLL_S):
                raise StopRequested
            self._require_alive()
            if time.monotonic() > deadline:
                unready = self._readiness().unready
                raise NotReadyInTime(
                    seconds=round(self._ready_within_s), unready=unready, logs=self._logs
                )

    def wait_until_ready(self, wish: "StopWish") -> None:
        """Wait until the gateway says that all of us are ready; raises as `wait_for` does."""
        self.wait_for(lambda: self._readiness().is_ready, wish)

    def watch(
        self,
        wish: "StopWish",
        *,
        on_revival: Callable[[Child, int], None],
        on_round: Callable[[], None],
    ) -> None:
        """Stand until asked to stop, reviving whoever falls; `on_revival` is told whom and why.

        `on_round` looks, every round, after what is not a child of the house: the database.
        """
        while not wish.wait(_POLL_S * 2):
            on_round()
            self._see_off()
            for child in self._children:
                status = child.status
                if child.revive() and status is not None:
                    on_revival(child, status)

    def stop(self) -> None:
        """Close the door first, then let the rooms finish what they are doing."""
        for child in self._children:
            child.ask_to_stop()
        for old in self._retiring:
            old.stop(patience_s=0)
        self._retiring.clear()
        deadline = time.monotonic() + self._patience_s
        for child in self._children:
            child.stop(patience_s=max(0.0, deadline - time.monotonic()))
            if child.listener is not None:
                child.listener.close()
        self._children.clear()

    def _require_alive(self) -> None:
        for child in self._children:
            if (status := child.status) is not None:
                words = last_lines(child.log)
                raise ProcessEnded(child.name, status=status, last_lines=words, log=child.log)


class StopWish:
    """Whether somebody asked us to stop: Ctrl-C, `tamaire down`, or the terminal going away.

    A pipe and not a threading.Event: a handler that sets an event which the interrupted code is
    just locking waits for itself for ever. Whoever asks a second time means: at once.
    """

    def __init__(self) -> None:
        self._wishes = 0
        self._heard, self._tell = os.pipe()
        self._before: dict[int, signal.Handlers | Callable[..., object] | int | None] = {}

    def __enter__(self) -> Self:
        for number in _SIGNALS:
            self._before[number] = signal.signal(number, self._hear)
        return self

    def __exit__(self, *exception: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        os.close(self._heard)
        os.close(self._tell)

    def wait(self, seconds: float) -> bool:
        """Wait, at most so long, and tell whether we were asked to stop."""
        readable, _, _ = select.select([self._heard], [], [], seconds)
        return bool(readable)

    def check(self) -> None:
        """Raise StopRequested if we were: between two steps of a start."""
        if self.wait(0):
            raise StopRequested

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        self._wishes += 1
        if self._wishes > 1:
            raise KeyboardInterrupt
        os.write(self._tell, b".")
