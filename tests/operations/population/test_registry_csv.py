"""The file is what the register's import expects, and loses nothing on the way."""

import csv
import io
import itertools

from foundation.identifiers import MunicipalityCode
from operations.population import generate, registry_csv
from operations.population.registry_csv import COLUMNS, digest_of

KITAMI = MunicipalityCode.parse("012084")


def _file() -> bytes:
    return "".join(registry_csv(generate(KITAMI).households)).encode()


def _rows() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(_file().decode())))


class TestRegistryCsv:
    def test_begins_with_the_agreed_columns(self) -> None:
        assert next(iter(registry_csv([]))).strip().split(",") == list(COLUMNS)

    def test_has_a_line_for_everybody(self) -> None:
        assert len(_rows()) == len(generate(KITAMI).residents)

    def test_is_the_same_file_every_time(self) -> None:
        assert digest_of(_file()) == digest_of(_file())

    def test_is_written_one_household_at_a_time(self) -> None:
        households = generate(KITAMI).households
        header, first = itertools.islice(registry_csv(households), 2)
        assert header.count("\n") == 1
        assert first.count("\n") == len(households[0].residents)

    def test_keeps_every_glyph_of_every_name(self) -> None:
        written = [row["name_formal"] for row in _rows()]
        assert written == [resident.name.formal for resident in generate(KITAMI).residents]
        assert any("\U000e0102" in name for name in written)
        assert any("𠮷" in name for name in written)

    def test_leaves_open_what_has_not_ended_and_marks_the_protected(self) -> None:
        rows = _rows()
        assert {row["protection"] for row in rows} == {"", "dv"}
        assert "" in {row["resident_until"] for row in rows}
        assert {row["nationality"] for row in rows} == {"japanese", "foreign"}

    def test_writes_a_birth_as_far_as_it_is_known(self) -> None:
        assert "1932-00-00" in {row["birth_on"] for row in _rows()}
