"""Five times as much as the house can do: it goes on doing what it can, and recovers at once.

The one form, long: `.venv/bin/pytest tests/proofs/test_overload.py -m slow -s` (needs `wrk`).
"""

import asyncio
import re
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from foundation.tenancy import Tenancy
from tests.proofs.crowding import PATH, reading
from tests.proofs.doors import Door
from tests.proofs.doorway import Doorway, services, standing
from tests.proofs.figures import say
from tests.proofs.premises import open_municipality
from tests.support.callers import a_machine
from tests.support.house import House

TOWNS, WINDOWS = 20, 200
CALM_CONNECTIONS, CROWD_CONNECTIONS = 24, 2_400
PEAK_SECONDS, OVERLOAD_SECONDS = 10, 60
LEAST_GOODPUT, LONGEST_RECOVERY = 0.8, 5.0
TIMES_CAPACITY = 5
IN_A_ROW, QUICK_SECONDS = 10, 0.5

_ESTABLISH = """
INSERT INTO window_dx.windows (tenant_id, id, code, name, version)
SELECT $1, uuidv7(), 'W-' || n, '窓口' || n, 1 FROM generate_series(1, $2::int) n
"""
_SCRIPT = """
local papers = { %s }
local turn = 0
function setup(thread) crowd = thread end
function init(args) good, refused, failed, why = 0, 0, 0, "" end
function request()
  turn = turn %% #papers + 1
  return "GET %s HTTP/1.1\\r\\nHost: door\\r\\nAuthorization: " .. papers[turn] .. "\\r\\n\\r\\n"
end
function response(status, headers, body)
  if status ~= 200 then why = body:match('/problems/([%%w/-]+)') or tostring(status) end
  if status == 200 then good = good + 1
  elseif status == 429 or status == 503 then refused = refused + 1
  else failed = failed + 1 end
end
function done(summary, latency, requests)
  print("SEEN", crowd:get("good"), crowd:get("refused"), crowd:get("failed"), summary.duration,
    crowd:get("why"))
end
"""
_SEEN = re.compile(r"SEEN\t(\d+)\t(\d+)\t(\d+)\t(\d+)\t(\S*)")


@dataclass(frozen=True, slots=True)
class Seen:
    """What a crowd saw, by the second."""

    good: float
    refused: float
    failed: int
    why: str
    """Why the last one was refused."""

    @property
    def offered(self) -> float:
        return self.good + self.refused


def press(port: int, script: Path, *, connections: int, seconds: int) -> Seen:
    """Ask over so many connections for so long."""
    done = subprocess.run(
        [
            *("wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s"),
            *("-s", str(script), f"http://127.0.0.1:{port}/"),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    found = _SEEN.search(done.stdout)
    assert found is not None, done.stdout
    good, refused, failed, microseconds = map(int, found.groups()[:4])
    lasted = microseconds / 1e6
    return Seen(good / lasted, refused / lasted, failed, found[5])


async def seconds_until_calm(address: str, authorization: str) -> float:
    """Return how long it takes until answers are prompt again, several in a row."""
    began, in_a_row = time.monotonic(), 0
    door = Door(address)
    while in_a_row < IN_A_ROW:
        asked_at = time.monotonic()
        reply = await door.ask(reading(authorization))
        is_prompt = reply.status == 200 and time.monotonic() - asked_at < QUICK_SECONDS
        in_a_row = in_a_row + 1 if is_prompt else 0
        await asyncio.sleep(0.02)
    door.close()
    return time.monotonic() - began


async def towns(house: House) -> list[Tenancy]:
    """Open municipalities with so many windows that reading them is some work."""
    opened = [await open_municipality(house, number=701 + n, listed=True) for n in range(TOWNS)]
    connection = await asyncpg.connect(house.dsn("window_dx_owner"))
    try:
        for tenancy in opened:
            await connection.execute(_ESTABLISH, int(tenancy.tenant_id), WINDOWS)
    finally:
        await connection.close()
    return opened


class TestOverload:
    @pytest.mark.slow
    def test_leaves_most_of_what_can_be_done(self, durable_house: House, room: Path) -> None:
        assert shutil.which("wrk"), "apt-get install wrk"
        behind = services(durable_house, room, service="window_dx", count=1)
        unlimited = {"TENANT_RATE_PER_SECOND": "1000000", "TENANT_BURST": "1000000"}
        doorway = Doorway(
            durable_house, room, service="window_dx", behind=behind, traffic=unlimited
        )
        papers = [doorway.papers.of(a_machine(), one) for one in asyncio.run(towns(durable_house))]
        script = room / "crowd.lua"
        listed = ", ".join(f'"{paper}"' for paper in papers)
        script.write_text(_SCRIPT % (listed, f"{PATH}?limit=200"), encoding="utf-8")
        address = doorway.addresses[0]
        port = int(address.rpartition(":")[2])
        with standing([*behind, *doorway.gateways]):
            press(port, script, connections=CALM_CONNECTIONS, seconds=3)
            peak = press(port, script, connections=CALM_CONNECTIONS, seconds=PEAK_SECONDS)
            crowd = press(port, script, connections=CROWD_CONNECTIONS, seconds=OVERLOAD_SECONDS)
            recovery = asyncio.run(seconds_until_calm(address, papers[0]))
        say(
            peak=f"{peak.good:,.0f} answers/s over {CALM_CONNECTIONS} connections",
            overload=f"{crowd.offered:,.0f} requests/s = {crowd.offered / peak.good:.1f} x that"
            f" over {CROWD_CONNECTIONS} connections for {OVERLOAD_SECONDS} s",
            goodput=f"{crowd.good:,.0f}/s = {crowd.good / peak.good:.0%} of the peak"
            f" (goal: at least {LEAST_GOODPUT:.0%}); refused {crowd.refused:,.0f}/s"
            f" (last: {crowd.why}), failed {crowd.failed}",
            recovery=f"{recovery:.1f} s (goal: at most {LONGEST_RECOVERY:.0f} s)",
        )
        assert peak.failed == crowd.failed == 0
        assert crowd.offered >= TIMES_CAPACITY * peak.good * 0.8
        assert crowd.good >= LEAST_GOODPUT * peak.good
        assert recovery <= LONGEST_RECOVERY
