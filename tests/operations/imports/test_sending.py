"""A town hall's file goes in by the front door, whatever happens to the line meanwhile."""

import csv
import gzip
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pytest
from typing_extensions import override

from foundation.identifiers import MunicipalityCode
from foundation.identity import KeySet, Purpose, SigningKey
from operations.imports import sending
from operations.imports.door import Door, Machine
from operations.imports.file import RegisterFile
from operations.imports.refusals import (
    DamagedPackage,
    FaultsRemain,
    InTheOpen,
    NoSuchFile,
    PlaceTaken,
    Refused,
    Unreachable,
)
from operations.voice import Voice
from services.registry.imports.domain import parts
from tests.services.registry.conftest import make_parts_small
from tests.services.registry.files import a_file, a_line
from tests.support.callers import As, ServiceClient, a_machine
from tests.support.house import Tenancies

BASE = "http://127.0.0.1:8200"
KITAMI = MunicipalityCode.parse("012084")
CANARY = "北海道北見市秘密町9丁目9番9号"


class Front(httpx.AsyncBaseTransport):
    """The gateway as this client knows it, in front of the real register."""

    def __init__(self, caller: As, key: SigningKey) -> None:
        self._caller, self._notes = caller, KeySet.of(key)
        self.asked: list[str] = []
        self.breaks: dict[str, int] = {}
        """How many times the line breaks at an address."""
        self.busy: dict[str, int] = {}

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.asked.append(f"{request.method} {path.rsplit('/', 1)[-1]}")
        content = await request.aread()
        if self._happens(self.breaks, path):
            raise httpx.ReadError("The line broke.")
        if self._happens(self.busy, path):
            return httpx.Response(503, headers={"Retry-After": "1"})
        if path == "/oauth/token":
            return self._token(request)
        assert request.headers["Authorization"] == "Bearer opaque"
        assert request.headers["Tamaire-Purpose"] == "registration"
        named = ("Content-Type", "Content-Encoding", "Idempotency-Key", "Last-Event-ID")
        headers = {name: request.headers[name] for name in named if name in request.headers}
        answer = await self._caller.request(
            request.method, str(request.url.raw_path.decode()), content=content, headers=headers
        )
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    def _happens(self, troubles: dict[str, int], path: str) -> bool:
        left = troubles.get(path.rsplit("/", 1)[-1], 0)
        troubles[path.rsplit("/", 1)[-1]] = left - 1
        return left > 0

    def _token(self, request: httpx.Request) -> httpx.Response:
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        claims = self._notes.verify(
            form["client_assertion"], typ="client-authentication+jwt", algorithm="ES256"
        )
        assert (claims["iss"], claims["aud"]) == ("hall", f"{BASE}/oauth/token")
        assert (form["scope"], request.headers["Tamaire-Municipality"]) == (
            "registry:import",
            KITAMI,
        )
        return httpx.Response(200, json={"access_token": "opaque"})


@pytest.fixture
async def front(
    service_client: Callable[[str], Awaitable[ServiceClient]], tenancies: Tenancies
) -> Front:
    registry = await service_client("registry")
    caller = registry.as_(
        a_machine("hall", {"registry:import"}),
        tenancy=tenancies.kitami,
        purpose=Purpose.REGISTRATION,
    )
    return Front(caller, KEY)


KEY = SigningKey.generate("ES256")


@pytest.fixture
def door(front: Front) -> Door:
    machine = Machine(client_id="hall", key=KEY, code=KITAMI)
    return Door(BASE, machine, transport=front, pause_s=0.01)


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    make_parts_small(monkeypatch)


@pytest.fixture
def voice() -> Voice:
    return Voice()


def kept(folder: Path, content: bytes, name: str = "register.csv") -> RegisterFile:
    path = folder / name
    path.write_bytes(content)
    return RegisterFile.open(path)


def agreeing(*, leave_out_faulty: bool = False) -> sending.Wish:
    return sending.Wish(agrees=lambda _: True, leave_out_faulty=leave_out_faulty)


class TestSend:
    async def test_shows_asks_and_lets_in(
        self, door: Door, voice: Voice, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        file = kept(tmp_path, a_file([a_line(n) for n in range(3)], labels=True).encode())
        questions: list[str] = []

        def agrees(question: str) -> bool:
            questions.append(question)
            return True

        done = await sending.send(door, file, voice, sending.Wish(agrees=agrees))
        assert (done["state"], done["new"]) == ("confirmed", 3)
        assert "新しい人 3" in questions[0]
        said = capsys.readouterr().out
        assert "宛名番号 (resident_number)" in said
        assert a_line(0)["resident_number"] in said
        again = await sending.send(door, file, voice, agreeing())
        assert (again["already_imported"], again["new"], again["changed"]) == (True, 0, 0)

    async def test_lets_nothing_in_when_nobody_agrees(
        self, door: Door, front: Front, voice: Voice, tmp_path: Path
    ) -> None:
        file = kept(tmp_path, a_file([a_line(0)]).encode())
        waiting = await sending.send(door, file, voice, sending.Wish())
        assert waiting["state"] == "checked"
        assert "POST confirmation" not in front.asked
        done = await sending.confirm(door, waiting["id"], voice, agreeing())
        assert (done["state"], done["new"]) == ("confirmed", 1)

    @pytest.mark.usefixtures("small_parts")
    async def test_follows_a_large_file_through_breaks_of_the_line(
        self, door: Door, front: Front, voice: Voice, tmp_path: Path
    ) -> None:
        front.breaks = {"events": 2, "imports": 1, "token": 1, "confirmation": 1}
        front.busy = {"events": 4}
        content = gzip.compress(a_file([a_line(n) for n in range(40)]).encode())
        file = kept(tmp_path, content, "register.csv.gz")
        done = await sending.send(door, file, voice, agreeing())
        assert (done["state"], done["new"]) == ("confirmed", 40)
        assert front.asked.count("POST imports") == 2
        assert front.asked.count("POST confirmation") == 2

    async def test_gives_up_when_the_line_stays_broken(
        self, door: Door, front: Front, voice: Voice, tmp_path: Path
    ) -> None:
        front.breaks = {"import-previews": 99}
        with pytest.raises(Unreachable):
            await sending.send(door, kept(tmp_path, b"x"), voice, agreeing())
        assert "POST imports" not in front.asked

    async def test_sends_nothing_whole_that_cannot_be_read(
        self, door: Door, front: Front, voice: Voice, tmp_path: Path
    ) -> None:
        with pytest.raises(Refused) as refused:
            await sending.send(door, kept(tmp_path, "名前,住所\n".encode()), voice, agreeing())
        assert "足りない見出し" in refused.value.japanese
        assert "POST imports" not in front.asked

    async def test_writes_the_lines_to_mend_and_names_each_cause_once(
        self, door: Door, voice: Voice, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        lines = [a_line(0), *(a_line(n, gender="3") for n in range(1, 4))]
        lines[2] |= {"protection": "dv", "address": CANARY}
        file = kept(tmp_path, a_file(lines, labels=True).encode("cp932"))
        assert file.character_set == "shift_jis"
        with pytest.raises(FaultsRemain) as remain:
            await sending.send(door, file, voice, agreeing())
        place = tmp_path / "register.to-mend.csv"
        assert stat.S_IMODE(place.stat().st_mode) == 0o600
        with place.open(encoding="cp932", newline="") as written:
            rows = list(csv.reader(written))
        assert [row[0] for row in rows] == ["行番号", "3", "4", "5"]
        said = capsys.readouterr().out
        assert said.count("  3 行: 性別が") == 1
        assert CANARY not in said + place.read_text("cp932")
        with pytest.raises(PlaceTaken):
            await sending.send(door, file, voice, agreeing())
        import_id = remain.value.remedy.split("confirm ")[1].split()[0]
        done = await sending.confirm(door, import_id, voice, agreeing(leave_out_faulty=True))
        assert (done["state"], done["new"]) == ("confirmed", 1)

    async def test_reads_on_where_more_lines_are_to_be_mended_than_come_at_once(
        self,
        door: Door,
        front: Front,
        voice: Voice,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr("services.registry.imports.service.reading._MOST_ROWS", 1)
        monkeypatch.setattr("foundation.web.spool._READ_BYTES", 200)
        monkeypatch.setattr(parts.parts_of, "__kwdefaults__", {"size": 300})
        lines = [a_line(n, gender="3", alias='"二行\n目"') for n in range(5)]
        file = kept(tmp_path, a_file(lines).encode())
        with pytest.raises(FaultsRemain):
            await sending.send(door, file, voice, agreeing())
        assert front.asked.count("GET faulty-rows") > 2
        with (tmp_path / "register.to-mend.csv").open(encoding="utf-8", newline="") as written:
            assert [row[0] for row in csv.reader(written)] == ["行番号", "2", "3", "4", "5", "6"]


class TestPreview:
    async def test_sends_the_beginning_alone(
        self, door: Door, front: Front, voice: Voice, tmp_path: Path
    ) -> None:
        file = kept(tmp_path, a_file([a_line(n) for n in range(900)]).encode())
        assert len(file.beginning) < file.size
        found = await sending.preview(door, file, voice, layout="")
        assert len(found["lines"]) == 20
        assert front.asked == ["POST token", "POST import-previews"]

    async def test_takes_the_token_of_an_official_instead_of_a_key(
        self, front: Front, voice: Voice, tmp_path: Path
    ) -> None:
        file = kept(tmp_path, a_file([a_line(0)]).encode())
        async with Door(BASE, "opaque", transport=front) as door:
            assert len((await sending.preview(door, file, voice, layout=""))["lines"]) == 1
        assert front.asked == ["POST import-previews"]


class TestRegisterFile:
    def test_needs_the_last_end_of_a_line_of_a_short_file(self, tmp_path: Path) -> None:
        assert kept(tmp_path, b"a,b").beginning == b"a,b\n"

    @pytest.mark.parametrize("cut", [1, 2, 3])
    def test_knows_utf_8_that_is_cut_in_a_character(self, tmp_path: Path, cut: int) -> None:
        content = b"x" * (60 * 1024 - cut) + "邉".encode() * 9
        assert kept(tmp_path, content).character_set == "utf-8"

    def test_refuses_what_is_not_there_or_not_packed(self, tmp_path: Path) -> None:
        with pytest.raises(NoSuchFile):
            RegisterFile.open(tmp_path / "nothing.csv")
        with pytest.raises(DamagedPackage):
            kept(tmp_path, b"plain", "plain.csv.gz")


class TestDoor:
    def test_opens_to_no_network_that_others_can_read(self) -> None:
        for base in ("http://tamaire.example.jp", "http://192.0.2.1:8200", "ftp://localhost.jp"):
            with pytest.raises(InTheOpen):
                Door(base, "token")
        for base in ("https://tamaire.example.jp", "http://012084.localhost:8200", BASE):
            assert Door(base, "token")
