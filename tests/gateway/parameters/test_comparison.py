"""Whoever compares learns how many hold what, and of fewer than five nothing at all."""

from collections import Counter

import pytest
from hypothesis import given, strategies as st

from foundation.identifiers import MunicipalityCode
from gateway.parameters.comparison import (
    DESIGNATED_CITIES,
    LEAST,
    SizeClass,
    distribution,
    size_class,
)
from operations.reference.catalogue import directory

VALUES = st.lists(st.integers(1, 6), max_size=60)


class TestDistribution:
    @given(values=VALUES)
    def test_tells_of_no_value_that_few_hold(self, values: list[int]) -> None:
        held = Counter(values)
        for share in distribution(values):
            assert share.count >= LEAST
            assert share.value is None or held[int(share.value)] == share.count

    @given(values=VALUES)
    def test_leaves_no_small_rest_to_be_found_by_subtraction(self, values: list[int]) -> None:
        told = distribution(values)
        rest = len(values) - sum(share.count for share in told)
        assert rest == 0 or (told == [] and rest < LEAST)


class TestSizeClass:
    @pytest.mark.parametrize(
        ("code", "name", "expected"),
        [
            ("000000", "国", None),
            ("010006", "北海道", SizeClass.PREFECTURE),
            ("011002", "札幌市", SizeClass.DESIGNATED_CITY),
            ("012084", "北見市", SizeClass.CITY),
            ("131016", "千代田区", SizeClass.SPECIAL_WARD),
            ("015814", "壮瞥町", SizeClass.TOWN),
            ("013315", "松前町", SizeClass.TOWN),
        ],
    )
    def test_follows_the_directory(self, code: str, name: str, expected: SizeClass | None) -> None:
        assert size_class(MunicipalityCode(code), name) is expected

    def test_knows_every_designated_city_of_the_directory(self) -> None:
        names = {str(one.code): one.name for one in directory()}
        assert len(DESIGNATED_CITIES) == 20
        assert all(names[code].endswith("市") for code in DESIGNATED_CITIES)
