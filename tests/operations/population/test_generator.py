"""The invented towns hold together: as households, as addresses, as numbers, as taxpayers."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from foundation.identifiers import MunicipalityCode
from operations.population import SIZES, Household, Population, Resident, TaxStatus, generate
from operations.population.chance import age_on, years_before
from operations.population.names import SPACE
from operations.population.numbering import is_register_number
from operations.population.residents import HouseholdKind
from operations.population.summary import KIND_LABELS
from operations.reference import directory, towns_of

DEMONSTRATIONS = [MunicipalityCode.parse(code) for code in SIZES]
INHABITED = [entry.code for entry in directory() if towns_of(entry.code)]
RELATIONSHIPS = re.compile(
    "世帯主|妻|夫|妻（未届）|夫（未届）|子|父|母|[妻夫]の[父母]|子の妻|子の子|弟|妹|同居人|縁故者"
)
PARENTS_OF = {"子": ("世帯主", "妻", "夫"), "子の子": ("子", "子の妻")}

populations = st.builds(
    generate,
    st.sampled_from(INHABITED),
    size=st.integers(100, 400),
    seed=st.text(alphabet="abcdefgh", max_size=4),
)
often = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module", params=DEMONSTRATIONS)
def town(request: pytest.FixtureRequest) -> Population:
    code: MunicipalityCode = request.param
    return generate(code)


def _present(population: Population) -> list[Resident]:
    return [resident for resident in population.residents if resident.is_current]


def _parents_and_children(household: Household) -> Iterator[tuple[Resident, Resident]]:
    for child in household.residents:
        for word in PARENTS_OF.get(child.relationship, ()):
            for parent in household.residents:
                if parent.relationship == word:
                    yield parent, child
    for elder in household.residents:
        if elder.relationship in {"父", "母"}:
            yield elder, household.householder


class TestAnyTown:
    @often
    @given(populations)
    def test_every_household_has_exactly_one_householder(self, town: Population) -> None:
        for household in town.households:
            words = [resident.relationship for resident in household.residents]
            assert words.count("世帯主") == 1
            assert household.householder.is_current or not any(
                resident.is_current for resident in household.residents
            )

    @often
    @given(populations)
    def test_relationships_are_those_registers_use(self, town: Population) -> None:
        for resident in town.residents:
            assert RELATIONSHIPS.fullmatch(resident.relationship)

    @often
    @given(populations)
    def test_children_are_fifteen_years_younger_than_their_parents(self, town: Population) -> None:
        for household in town.households:
            for parent, child in _parents_and_children(household):
                assert years_before(child.born_on, 15) >= parent.born_on

    @often
    @given(populations)
    def test_nobody_is_born_or_moves_in_after_the_day_of_the_register(
        self, town: Population
    ) -> None:
        for resident in town.residents:
            assert resident.born_on <= resident.resident_from <= town.as_of
            assert age_on(town.as_of, resident.born_on) < 105
            if resident.resident_until is not None:
                assert resident.resident_from < resident.resident_until < town.as_of

    @often
    @given(populations)
    def test_numbers_carry_their_check_digit_and_are_given_once(self, town: Population) -> None:
        numbers = [resident.resident_number for resident in town.residents]
        numbers += [household.household_number for household in town.households]
        assert all(is_register_number(number) for number in numbers)
        assert len(set(numbers)) == len(numbers)

    @often
    @given(populations)
    def test_every_address_lies_in_a_town_of_the_municipality(self, town: Population) -> None:
        towns = towns_of(town.code)
        for household in town.households:
            address = household.address
            assert any(
                known.postal_code == address.postal_code
                and address.text.startswith(known.prefecture + known.city + known.name)
                for known in towns
            )

    @often
    @given(populations)
    def test_a_household_is_taxed_as_one(self, town: Population) -> None:
        for household in town.households:
            head = household.householder
            for resident in household.residents:
                if age_on(town.as_of, resident.born_on) < 18:
                    assert resident.tax_status is TaxStatus.EXEMPT
                elif head.tax_status is TaxStatus.EXEMPT:
                    assert resident.tax_status in {TaxStatus.EXEMPT, TaxStatus.UNKNOWN}
                elif head.tax_status is TaxStatus.PER_CAPITA_ONLY:
                    assert resident.tax_status is not TaxStatus.TAXED

    @often
    @given(populations)
    def test_nothing_is_known_of_the_taxes_of_who_came_after_new_year(
        self, town: Population
    ) -> None:
        for resident in town.residents:
            came_late = resident.resident_from > date(town.as_of.year, 1, 1)
            if came_late and age_on(town.as_of, resident.born_on) >= 18:
                assert resident.tax_status is TaxStatus.UNKNOWN

    @often
    @given(populations)
    def test_the_protected_live_elsewhere_than_who_they_fled(self, town: Population) -> None:
        by_number = {household.household_number: household for household in town.households}
        for protected, other in town.kept_apart:
            safe, fled = by_number[protected], by_number[other]
            assert all(resident.is_protected for resident in safe.residents)
            assert not any(resident.is_protected for resident in fled.residents)
            assert safe.address != fled.address

    @often
    @given(populations)
    def test_names_are_in_composed_form_and_read_in_katakana(self, town: Population) -> None:
        for resident in town.residents:
            name = resident.name
            for text in (name.formal, name.display, name.alias, name.latin):
                assert unicodedata.is_normalized("NFC", text)
            assert re.fullmatch(f"[ァ-ヴー]+({SPACE}[ァ-ヴー]+)+", name.kana)
            assert bool(name.latin) is resident.is_foreign

    @given(st.sampled_from(INHABITED), st.text(max_size=5))
    @settings(max_examples=5, deadline=None)
    def test_is_the_same_whenever_it_is_made(self, code: MunicipalityCode, seed: str) -> None:
        assert generate(code, size=120, seed=seed) == generate(code, size=120, seed=seed)

    @given(populations)
    @settings(max_examples=5, deadline=None)
    def test_has_as_many_people_as_were_asked_for(self, town: Population) -> None:
        again = generate(town.code, size=150)
        assert len(_present(again)) == 150


class TestADemonstrationTown:
    def test_has_its_promised_size(self, town: Population) -> None:
        assert len(_present(town)) == SIZES[town.code] >= 2_000

    def test_another_seed_gives_other_people(self, town: Population) -> None:
        assert generate(town.code, seed="another").residents != town.residents

    def test_exempts_about_a_quarter_of_its_households(self, town: Population) -> None:
        inhabited = [h for h in town.households if any(r.is_current for r in h.residents)]
        share = sum(h.is_wholly_exempt for h in inhabited) / len(inhabited)
        assert 0.21 <= share <= 0.29

    def test_has_every_kind_of_taxpayer(self, town: Population) -> None:
        assert {resident.tax_status for resident in _present(town)} == set(TaxStatus)

    def test_has_nearly_every_kind_of_household(self, town: Population) -> None:
        kinds = {household.kind for household in town.households}
        assert len(kinds) >= len(KIND_LABELS) - 1
        assert HouseholdKind.THREE_GENERATIONS in kinds

    def test_protects_about_three_in_a_thousand(self, town: Population) -> None:
        present = _present(town)
        assert 0.002 <= sum(r.is_protected for r in present) / len(present) <= 0.004

    def test_knows_some_very_old_people_only_by_year(self, town: Population) -> None:
        vague = [r for r in _present(town) if r.birth_text.endswith("-00")]
        assert vague
        assert all(age_on(town.as_of, r.born_on) >= 80 for r in vague)
        assert all(r.birth_text[:4] == str(r.born_on.year) for r in vague)

    def test_has_foreign_residents_with_and_without_an_alias(self, town: Population) -> None:
        foreign = [r for r in _present(town) if r.is_foreign]
        assert {bool(r.name.alias) for r in foreign} == {True, False}

    def test_keeps_some_who_moved_out_on_file(self, town: Population) -> None:
        gone = [r for r in town.residents if not r.is_current]
        assert gone
        assert all(r.resident_until is not None for r in gone)

    def test_has_old_spellings_with_a_form_for_every_screen(self, town: Population) -> None:
        spellings = [r.name for r in town.residents if r.name.formal != r.name.display]
        assert any("𠮷" in name.formal for name in spellings)
        assert any("\U000e0102" in name.formal for name in spellings)
        for name in spellings:
            name.display.encode("euc_jis_2004")

    def test_lets_an_apartment_to_one_household(self, town: Population) -> None:
        rooms = Counter(
            household.address.text
            for household in town.households
            if household.address.text.endswith("号") and "　" in household.address.text
        )
        assert set(rooms.values()) == {1}

    def test_lets_siblings_be_born_a_year_apart(self, town: Population) -> None:
        for household in town.households:
            births = sorted(r.born_on for r in household.residents if r.relationship == "子")
            gaps = [later - earlier for earlier, later in pairwise(births)]
            assert all(gap >= timedelta(days=365) for gap in gaps)


class TestRefusals:
    def test_refuses_a_place_that_is_no_municipality(self) -> None:
        with pytest.raises(ValueError, match="nobody can live there"):
            generate(MunicipalityCode.parse("130001"))

    def test_invents_the_towns_of_a_municipality_it_knows_none_of(self) -> None:
        addresses = {one.address for one in generate(MunicipalityCode.parse("131032")).households}
        assert all(one.text.startswith("東京都港区") for one in addresses)
        assert {one.postal_code for one in addresses} == {"9999999"}

    def test_refuses_a_town_too_small_to_try_things_on(self) -> None:
        with pytest.raises(ValueError, match="fewer than"):
            generate(DEMONSTRATIONS[0], size=99)
