"""An instance knows its database again, and writes nobody's password down."""

import os
from pathlib import Path

from operations.folder import DataFolder, Instance
from operations.postgres.external import ExternalServer
from operations.postgres.passwords import OnePassword
from operations.supervision.databases import database_of, without_account


class TestWithoutAccount:
    def test_keeps_where_and_forgets_who(self) -> None:
        url = "postgresql://admin:secret@db.example:6432/postgres?sslmode=require"
        assert without_account(url) == "postgresql://db.example:6432/postgres?sslmode=require"

    def test_keeps_a_socket(self) -> None:
        url = "postgresql://admin:secret@/postgres?host=%2Frun%2Fpg"
        forgotten = ExternalServer(without_account(url), passwords=OnePassword("x"))
        assert forgotten.dsn("audit_worker") == (
            "postgresql://audit_worker:x@/tamaire?host=%2Frun%2Fpg"
        )


class TestDatabaseOf:
    def test_reaches_somebody_elses_as_one_of_our_roles(self, tmp_path: Path) -> None:
        folder = DataFolder(tmp_path)
        instance = Instance(
            pid=os.getpid(),
            port=8200,
            base_url="",
            simulator_url="",
            database="postgresql://db.example/postgres",
        )
        dsn = database_of(folder, instance).dsn("audit_worker")
        password = (folder.passwords / "audit_worker").read_text(encoding="ascii")
        assert dsn == f"postgresql://audit_worker:{password}@db.example/tamaire"
