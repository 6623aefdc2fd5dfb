"""The invented registers go in by the front door, once; a refusal is passed on in plain words."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pytest

from foundation.identifiers import MunicipalityCode
from foundation.identity import KeySet, Purpose, SigningKey
from operations.population import (
    DEMONSTRATIONS,
    PopulationRefused,
    generate,
    populate,
    registry_csv,
)
from operations.population.importing import PopulationFaulty
from tests.support.callers import ServiceClient, a_machine
from tests.support.house import Tenancies

ISSUER = "http://gateway.test"
KITAMI = MunicipalityCode.parse("012084")


class FakeHouse:
    """The gateway and the register as the wire contract describes them, and nothing more."""

    def __init__(self, key: SigningKey) -> None:
        self._notes = KeySet.of(key)
        self.imports: dict[str, dict[str, object]] = {}
        self.requests: list[str] = []
        self.refuses: str | None = None
        self.faults: list[dict[str, object]] = []
        self.had_it = False

    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        step = f"{request.method} {request.url.path}"
        self.requests.append(step)
        if self.refuses is not None and self.refuses in step:
            return httpx.Response(403, json={"type": "/problems/forbidden", "title": "No."})
        if request.url.path == "/oauth/token":
            return self._token(request)
        assert request.headers["Authorization"] == "Bearer opaque"
        assert request.headers["Tamaire-Purpose"] == "registration"
        assert "Tamaire-Municipality" not in request.headers
        if request.method == "GET":
            return self._report(request.url.path.rsplit("/", 1)[1])
        assert request.headers["Idempotency-Key"]
        if request.url.path == "/registry/v1/imports":
            return self._dry_run(request)
        return self._decide(request)

    def _token(self, request: httpx.Request) -> httpx.Response:
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        claims = self._notes.verify(
            form["client_assertion"], typ="client-authentication+jwt", algorithm="ES256"
        )
        assert claims["aud"] == f"{ISSUER}/oauth/token"
        assert claims["iss"] == claims["sub"] == "operations"
        assert form["grant_type"] == "client_credentials"
        assert form["scope"] == "registry:import"
        assert request.headers["Tamaire-Municipality"] in DEMONSTRATIONS
        return httpx.Response(200, json={"access_token": "opaque"})

    def _dry_run(self, request: httpx.Request) -> httpx.Response:
        assert request.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert request.content.startswith(b"resident_number,")
        number = f"import-{len(self.imports)}"
        self.imports[number] = {
            "id": number,
            "state": "checked",
            "faults": self.faults,
            "already_imported": self.had_it,
        }
        return httpx.Response(201, json=self.imports[number])

    def _decide(self, request: httpx.Request) -> httpx.Response:
        *_, number, decision = request.url.path.split("/")
        if decision == "confirmation":
            assert json.loads(request.content) == {"accept_faulty_rows": "none"}
        self.imports[number]["state"] = {
            "confirmation": "confirmed",
            "disposal": "discarded",
        }[decision]
        return httpx.Response(200, json=self.imports[number])

    def _report(self, number: str) -> httpx.Response:
        if number not in self.imports:
            return httpx.Response(404, json={"type": "/problems/not-found"})
        return httpx.Response(200, json=self.imports[number])


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    return SigningKey.load_or_create(tmp_path / "keys" / "clients" / "operations.pem", "ES256")


@pytest.fixture
def front(key: SigningKey) -> FakeHouse:
    return FakeHouse(key)


class TestPopulate:
    async def test_hands_in_reads_and_confirms(self, front: FakeHouse, tmp_path: Path) -> None:
        [done] = await populate(ISSUER, tmp_path, [KITAMI], transport=front.transport())
        assert (done.code, done.was_there) == (KITAMI, False)
        assert done.residents >= 2_400
        assert front.imports["import-0"]["state"] == "confirmed"
        assert front.requests == [
            "POST /oauth/token",
            "POST /registry/v1/imports",
            "POST /registry/v1/imports/import-0/confirmation",
        ]

    async def test_fills_every_demonstration(self, front: FakeHouse, tmp_path: Path) -> None:
        done = await populate(ISSUER, tmp_path, transport=front.transport())
        assert [populated.code for populated in done] == list(DEMONSTRATIONS)

    async def test_does_nothing_where_the_same_file_is_already(
        self, front: FakeHouse, tmp_path: Path
    ) -> None:
        await populate(ISSUER, tmp_path, [KITAMI], transport=front.transport())
        [again] = await populate(ISSUER, tmp_path, [KITAMI], transport=front.transport())
        assert again.was_there
        assert len(front.imports) == 1

    async def test_fills_a_new_database_under_an_old_folder(
        self, front: FakeHouse, tmp_path: Path
    ) -> None:
        await populate(ISSUER, tmp_path, [KITAMI], transport=front.transport())
        front.imports.clear()
        [again] = await populate(ISSUER, tmp_path, [KITAMI], transport=front.transport())
        assert not again.was_there

    async def test_leaves_a_register_alone_that_had_the_file_before(
        self, front: FakeHouse, tmp_path: Path
    ) -> None:
        front.had_it = True
        [done] = await populate(ISSUER, tmp_path, [KITAMI], transport=front.transport())
        assert done.was_there
        assert front.imports["import-0"]["state"] == "discarded"

    async def test_confirms_nothing_that_has_faults(self, front: FakeHouse, tmp_path: Path) -> None:
        front.faults = [{"cause": "kana", "count": 3}]
        with pytest.raises(PopulationFaulty, match="kana x 3"):
            await populate(ISSUER, tmp_path, [KITAMI], transport=front.transport())
        assert front.imports["import-0"]["state"] == "checked"

    async def test_forgets_a_memory_it_cannot_read(self, front: FakeHouse, tmp_path: Path) -> None:
        (tmp_path / "population").mkdir()
        (tmp_path / "population" / "012084.json").write_text("{", encoding="utf-8")
        [done] = await populate(ISSUER, tmp_path, [KITAMI], transport=front.transport())
        assert not done.was_there

    async def test_remembers_only_after_the_confirmation(
        self, front: FakeHouse, tmp_path: Path
    ) -> None:
        front.refuses = "confirmation"
        with pytest.raises(PopulationRefused):
            await populate(ISSUER, tmp_path, [KITAMI], transport=front.transport())
        assert not (tmp_path / "population" / "012084.json").exists()

    async def test_remembers_nothing_of_the_people(self, front: FakeHouse, tmp_path: Path) -> None:
        await populate(ISSUER, tmp_path, [KITAMI], transport=front.transport())
        memory = json.loads((tmp_path / "population" / "012084.json").read_text(encoding="utf-8"))
        assert set(memory) == {"digest", "import_id"}

    @pytest.mark.parametrize("step", ["token", "imports", "confirmation"])
    async def test_passes_a_refusal_on(self, front: FakeHouse, tmp_path: Path, step: str) -> None:
        front.refuses = step
        with pytest.raises(PopulationRefused, match="403 /problems/forbidden"):
            await populate(ISSUER, tmp_path, [KITAMI], transport=front.transport())

    async def test_needs_its_key(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError):
            await populate(ISSUER, tmp_path / "unseeded", [KITAMI])

    @pytest.mark.usefixtures("key")
    async def test_asks_the_house_itself_whatever_proxy_the_office_has(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            await writer.drain()
            writer.close()
            await writer.wait_closed()

        for name in ("NO_PROXY", "no_proxy", "http_proxy"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        async with await asyncio.start_server(refuse, "127.0.0.1", 0) as house:
            port = house.sockets[0].getsockname()[1]
            with pytest.raises(PopulationRefused, match="403"):
                await populate(f"http://127.0.0.1:{port}", tmp_path, [KITAMI])


class TestTheRegisterItself:
    async def test_finds_no_fault_with_any_of_the_files(
        self,
        service_client: Callable[[str], Awaitable[ServiceClient]],
        tenancies: Tenancies,
    ) -> None:
        registry = await service_client("registry")
        machine = a_machine("operations", {"registry:import"})
        for tenancy in tenancies:
            population = generate(tenancy.code)
            caller = registry.as_(machine, tenancy=tenancy, purpose=Purpose.REGISTRATION)
            arrived = await caller.post(
                "/registry/v1/imports",
                content="".join(registry_csv(population.households)).encode(),
                headers={"Content-Type": "text/csv; charset=utf-8"},
            )
            report = arrived.json()
            assert arrived.status_code == 201, report
            assert report["faults"] == []
            assert report["new"] == len(population.residents)
            done = await caller.post(
                f"/registry/v1/imports/{report['id']}/confirmation",
                json={"accept_faulty_rows": "none"},
            )
            assert done.json()["state"] == "confirmed", done.text
