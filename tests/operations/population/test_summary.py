"""What an official sees first of an invented register."""

import pytest

from foundation.identifiers import MunicipalityCode
from operations.population import generate
from operations.population.__main__ import main
from operations.population.residents import HouseholdKind, TaxStatus
from operations.population.summary import KIND_LABELS, TAX_LABELS, summary

KITAMI = MunicipalityCode.parse("012084")


class TestSummary:
    def test_says_where_and_how_many(self) -> None:
        first, second, *_ = summary(generate(KITAMI))
        assert first.startswith("北海道北見市 (012084)")
        assert "人口 2,400 人" in second

    def test_draws_a_band_for_every_five_years(self) -> None:
        lines = list(summary(generate(KITAMI)))
        assert sum("#" in line for line in lines) == 20

    def test_has_a_word_for_every_kind(self) -> None:
        assert set(KIND_LABELS) == set(HouseholdKind)
        assert set(TAX_LABELS) == set(TaxStatus)


class TestCommand:
    def test_prints_the_summary(self, capsys: pytest.CaptureFixture[str]) -> None:
        main(["302082"])
        assert "紀の川市" in capsys.readouterr().out

    def test_prints_the_register(self, capsys: pytest.CaptureFixture[str]) -> None:
        main(["131016", "--csv", "--size", "100"])
        assert capsys.readouterr().out.startswith("resident_number,household_number,")

    @pytest.mark.parametrize("code", ["012085", "130001"])
    def test_refuses_a_code_nobody_lives_under(self, code: str) -> None:
        with pytest.raises(SystemExit):
            main([code])
