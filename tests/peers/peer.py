"""A certified peer: a Node.js program of others' making, spoken to line by line."""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
_PATIENCE_S = 60.0


async def installed() -> Path:
    """Install the peers as their lock says, if they are not there; return where.

    Raises:
        RuntimeError: there is no npm, or it cannot install what the lock says.
    """
    folder = HERE / "node_modules"
    if folder.is_dir():
        return folder
    npm = shutil.which("npm")
    if npm is None:
        raise RuntimeError("The peers need Node.js 20 or later and npm.")
    command = (npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(HERE))
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"npm could not install the peers: {said.decode()[-2_000:]}")
    return folder


class Peer:
    """One running program, and the lines it was told and said."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.said: list[dict[str, Any]] = []

    @classmethod
    async def started(cls, script: str, task: dict[str, Any]) -> "Peer":
        """Start a program of this folder and give it its task."""
        node = shutil.which("node")
        if node is None:
            raise RuntimeError("The peers need Node.js 20 or later.")
        await installed()
        process = await asyncio.create_subprocess_exec(
            node,
            str(HERE / script),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=1_000_000,
        )
        peer = cls(process)
        await peer.tell(task)
        return peer

    async def tell(self, document: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(document).encode() + b"\n")
        await self._process.stdin.drain()

    async def hear(self) -> dict[str, Any]:
        """Return the next line; a program that ended says why it did."""
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), _PATIENCE_S)
        if not line:
            assert self._process.stderr is not None
            fault = (await self._process.stderr.read()).decode()
            raise AssertionError(f"The peer ended: {fault[-3_000:]}")
        document: dict[str, Any] = json.loads(line)
        self.said.append(document)
        return document

    async def stop(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
