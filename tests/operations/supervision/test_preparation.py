"""What has been done is not done again; what has changed is."""

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import pytest

from operations.postgres import Cluster
from operations.postgres.external import ExternalServer
from operations.postgres.passwords import OnePassword
from operations.supervision.failures import DatabaseUnreachable, StepFailed
from operations.supervision.preparation import Ground, Step, prepare
from operations.supervision.programmes import Addresses
from operations.supervision.steps import AFTER_OPENING, BEFORE_OPENING, ROLES
from operations.voice import Voice


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Generator[Cluster]:
    made = Cluster.create(tmp_path_factory.mktemp("preparation"), for_tests=True)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def ground(cluster: Cluster, tmp_path: Path) -> Ground:
    return Ground(server=cluster, folder=tmp_path, addresses=Addresses(port=8200))


class Counted:
    """A step that counts how often it is done."""

    def __init__(self, *, depends_on_addresses: bool = False) -> None:
        self.times = 0
        self.step = Step(
            name="counted",
            japanese="数える",
            english="count",
            sources=("operations/tether.py",),
            run=self._run,
            depends_on_addresses=depends_on_addresses,
        )

    def _run(self, _: Ground) -> None:
        self.times += 1


def broken_step(_: Ground) -> None:
    raise ZeroDivisionError


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    return tmp_path / "prepared.json"


class TestPrepare:
    def test_does_a_step_once(self, ground: Ground, memory: Path) -> None:
        counted = Counted()
        for _ in range(2):
            prepare(ground, [counted.step], Voice(as_json=True), memory=memory)
        assert counted.times == 1

    def test_does_it_again_when_its_sources_changed(self, ground: Ground, memory: Path) -> None:
        counted = Counted()
        prepare(ground, [counted.step], Voice(as_json=True), memory=memory)
        changed = replace(counted.step, sources=("operations/files.py",))
        prepare(ground, [changed], Voice(as_json=True), memory=memory)
        assert counted.times == 2

    def test_does_it_again_in_another_database(
        self, cluster: Cluster, ground: Ground, memory: Path
    ) -> None:
        counted = Counted()
        for _ in range(2):
            cluster.bootstrap_roles()
            prepare(ground, [counted.step], Voice(as_json=True), memory=memory)
            cluster.drop_database("tamaire")
        assert counted.times == 2

    @pytest.mark.parametrize(("depends", "times"), [(True, 2), (False, 1)])
    def test_does_it_again_at_other_addresses_if_it_writes_them_down(
        self, ground: Ground, memory: Path, *, depends: bool, times: int
    ) -> None:
        counted = Counted(depends_on_addresses=depends)
        elsewhere = replace(ground, addresses=Addresses(port=8300))
        for here in (ground, elsewhere):
            prepare(here, [counted.step], Voice(as_json=True), memory=memory)
        assert counted.times == times

    def test_does_everything_when_its_memory_is_damaged(self, ground: Ground, memory: Path) -> None:
        counted = Counted()
        memory.write_text("{", encoding="utf-8")
        prepare(ground, [counted.step], Voice(as_json=True), memory=memory)
        assert counted.times == 1

    def test_does_not_remember_what_failed_and_keeps_its_trace(
        self, ground: Ground, memory: Path, tmp_path: Path
    ) -> None:
        counted = Counted()
        broken = replace(counted.step, run=broken_step)
        here = replace(ground, log=tmp_path / "up.log")
        with pytest.raises(StepFailed, match=r"count.*ZeroDivisionError"):
            prepare(here, [broken], Voice(as_json=True), memory=memory)
        assert "Traceback" in (tmp_path / "up.log").read_text(encoding="utf-8")
        prepare(here, [counted.step], Voice(as_json=True), memory=memory)
        assert counted.times == 1

    def test_says_so_when_the_server_does_not_let_it_in(self, ground: Ground, memory: Path) -> None:
        closed = ExternalServer("postgresql://a:b@127.0.0.1:9/", passwords=OnePassword("x"))
        with pytest.raises(DatabaseUnreachable):
            prepare(replace(ground, server=closed), [ROLES], Voice(as_json=True), memory=memory)


class TestSteps:
    def test_have_names_and_sources_of_their_own(self) -> None:
        everything = (*BEFORE_OPENING, *AFTER_OPENING)
        assert len({step.name for step in everything}) == len(everything)
        root = Path(__file__).parents[3]
        for step in everything:
            assert all((root / source).exists() for source in step.sources), step.name


class TestExternalServer:
    def test_keeps_the_administrators_parameters(self) -> None:
        server = ExternalServer(
            "postgresql://admin:pa%2Fss@db.example:6432/postgres?sslmode=require",
            passwords=OnePassword("x"),
        )
        own = "postgresql://benefits_app:x@db.example:6432/tamaire?sslmode=require"
        admin = "postgresql://admin:pa%2Fss@db.example:6432/postgres?sslmode=require"
        assert server.dsn("benefits_app") == own
        assert server.superuser_dsn() == admin
