"""The named people are in every demonstration, the same, whatever else is invented around them."""

import pytest

from foundation.identifiers import MunicipalityCode
from operations.population import DEMONSTRATIONS, TaxStatus, generate
from operations.population.cast import prefix_of, scenes_of
from operations.population.residents import Household


def _cast(code: MunicipalityCode, *, size: int = 300, seed: str = "x") -> tuple[Household, ...]:
    return generate(code, size=size, seed=seed).households[: len(scenes_of(code))]


@pytest.mark.parametrize("code", DEMONSTRATIONS)
class TestCast:
    def test_is_the_same_in_a_town_of_another_size_and_seed(self, code: MunicipalityCode) -> None:
        assert _cast(code) == _cast(code, size=500, seed="y")

    def test_has_an_exempt_mother_of_two(self, code: MunicipalityCode) -> None:
        household = _cast(code)[0]
        assert household.householder.name.display.endswith("　花子")
        assert [r.relationship for r in household.residents] == ["世帯主", "子", "子"]
        assert household.is_wholly_exempt

    def test_has_a_taxed_father(self, code: MunicipalityCode) -> None:
        household = _cast(code)[1]
        assert household.householder.tax_status is TaxStatus.TAXED

    def test_lives_in_its_own_town(self, code: MunicipalityCode) -> None:
        assert len({household.address.text for household in _cast(code)}) == len(scenes_of(code))

    def test_plays_under_names_used_once(self, code: MunicipalityCode) -> None:
        suffixes = [player.suffix for scene in scenes_of(code) for player in scene.players]
        assert len(set(suffixes)) == len(suffixes)
        assert {"hanako", "taro", "takasaki", "yoshida", "minor", "nguyen"} <= set(suffixes)


class TestElsewhere:
    def test_there_is_no_cast(self) -> None:
        sapporo = MunicipalityCode.parse("011002")
        assert scenes_of(sapporo) == ()
        assert prefix_of(sapporo) is None
