"""A real browser, spoken to over two pipes: Chromium's own protocol, without a driver's library.

Needs Debian's `chromium`. Every name but this machine's is unknown to it, so a page that fetched
anything from elsewhere would show it.
"""

import itertools
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_KEYS: Mapping[str, tuple[int, str]] = {"Tab": (9, ""), "Enter": (13, "\r"), " ": (32, " ")}
_PIECE = 65_536
_PATIENCE_SECONDS = 20.0


def _arguments(folder: Path) -> list[str]:
    chromium = shutil.which("chromium")
    assert chromium is not None, "apt-get install chromium fonts-noto-cjk"
    return [
        chromium,
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--accept-lang=ja",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
        "--remote-debugging-pipe",
        f"--user-data-dir={folder}",
        "about:blank",
    ]


class Browser:
    """One window of one profile."""

    def __init__(self, folder: Path, *, width: int = 390) -> None:
        its_input, ours = os.pipe()
        theirs, its_output = os.pipe()

        def connect() -> None:
            # The protocol's two ends are descriptors 3 and 4, whatever was there before.
            spare = os.dup(its_input), os.dup(its_output)
            os.dup2(spare[0], 3)
            os.dup2(spare[1], 4)

        self._process = subprocess.Popen(
            _arguments(folder),
            preexec_fn=connect,  # noqa: PLW1509 - it only moves two descriptors
            close_fds=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(its_input)
        os.close(its_output)
        self._to, self._from = ours, theirs
        self._numbers = itertools.count(1)
        self._rest = b""
        self._session: str | None = None
        self.complaints: list[str] = []
        """What the browser itself found wrong with a page."""
        self.asked_for: list[str] = []
        """Every address anything was fetched from, or would have been."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=900,
            deviceScaleFactor=1,
            mobile=True,
        )

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Ask the browser to do something and return what it says."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while (heard := self._hear()).get("id") != number:
            self._note(heard)
        assert "error" not in heard, heard["error"]
        return heard["result"]

    def go(self, address: str) -> None:
        """Open an address and wait until the browser has come to rest."""
        self.call("Page.navigate", url=address)
        self.rest()

    def rest(self) -> None:
        """Wait until nothing was loaded for a while."""
        until = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < until:
            if not select.select([self._from], [], [], 1.0)[0] and b"\0" not in self._rest:
                return
            self._note(self._hear())

    def see(self, expression: str) -> Any:
        """Return what an expression is on the page, also where its own scripts may not run."""
        found = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        return found["result"].get("value")

    def press(self, key: str, times: int = 1) -> None:
        """Press a key as a person does."""
        code, text = _KEYS[key]
        for _ in range(times):
            about: dict[str, Any] = {"key": key, "code": key, "windowsVirtualKeyCode": code}
            self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **about)
            self.call("Input.dispatchKeyEvent", type="keyUp", **about)

    def close(self) -> None:
        self._process.terminate()
        self._process.wait()
        os.close(self._to)
        os.close(self._from)

    def _hear(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._from], [], [], _PATIENCE_SECONDS)
            assert ready, "the browser says nothing"
            self._rest += os.read(self._from, _PIECE)
        message, self._rest = self._rest.split(b"\0", 1)
        return json.loads(message)

    def _note(self, heard: dict[str, Any]) -> None:
        if heard.get("method") == "Log.entryAdded":
            entry = heard["params"]["entry"]
            self.complaints.append(f"{entry['text']} {entry.get('url', '')}")
        if heard.get("method") == "Network.requestWillBeSent":
            self.asked_for.append(heard["params"]["request"]["url"])
