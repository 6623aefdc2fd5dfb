"""A front end may demand a surer or fresher sign-in, and silence never meets the demand."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from gateway.authorization.demands import Demand
from gateway.authorization.errors import (
    InvalidRequest,
    LoginRequired,
    UnmetAuthenticationRequirements,
)

BEGAN = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


class TestRead:
    @pytest.mark.parametrize(
        ("parameters", "demand"),
        [
            ({}, Demand()),
            ({"acr_values": "aal3"}, Demand(acr_values=("aal3",))),
            ({"acr_values": "aal3 aal2 aal3"}, Demand(acr_values=("aal3", "aal2"))),
            ({"acr_values": "urn:unknown aal2"}, Demand(acr_values=("aal2",))),
            ({"max_age": "300"}, Demand(max_age=timedelta(minutes=5))),
            ({"max_age": "0"}, Demand(max_age=timedelta(0))),
            ({"prompt": "login"}, Demand(max_age=timedelta(0))),
            ({"prompt": "login consent", "max_age": "300"}, Demand(max_age=timedelta(0))),
            ({"prompt": "consent"}, Demand()),
        ],
        ids=str,
    )
    def test_understands_what_is_demanded(self, parameters: dict[str, str], demand: Demand) -> None:
        assert Demand.read(parameters) == demand

    @pytest.mark.parametrize(
        ("parameters", "refusal"),
        [
            ({"max_age": "-1"}, InvalidRequest),
            ({"max_age": "5m"}, InvalidRequest),
            ({"max_age": "\uff15"}, InvalidRequest),
            ({"max_age": "1" * 30}, InvalidRequest),
            ({"prompt": "later"}, InvalidRequest),
            ({"prompt": "none login"}, InvalidRequest),
            ({"prompt": "none"}, LoginRequired),
            ({"acr_values": "aal3 " * 100}, InvalidRequest),
            ({"acr_values": "aal9"}, UnmetAuthenticationRequirements),
        ],
        ids=str,
    )
    def test_refuses_what_cannot_be_met_or_read(
        self, parameters: dict[str, str], refusal: type[Exception]
    ) -> None:
        with pytest.raises(refusal):
            Demand.read(parameters)


class TestUpstream:
    def test_asks_as_usual_where_nothing_is_demanded(self) -> None:
        assert Demand().upstream("aal3 crl") == {"acr_values": "aal3 crl"}
        assert Demand().upstream("") == {}

    def test_adds_what_is_demanded(self) -> None:
        demand = Demand(acr_values=("aal3",), max_age=timedelta(seconds=300))
        assert demand.upstream("aal3 crl") == {"acr_values": "aal3 crl", "max_age": "300"}
        assert demand.upstream("aal1") == {"acr_values": "aal1 aal3", "max_age": "300"}

    def test_says_in_both_ways_that_a_new_proof_is_needed(self) -> None:
        asked = Demand(max_age=timedelta(0)).upstream("")
        assert asked == {"max_age": "0", "prompt": "login"}


class TestJudge:
    @pytest.mark.parametrize(
        ("acr", "suffices"), [("aal3", True), ("aal2", True), ("aal1", False), ("", False)]
    )
    def test_holds_the_level_against_the_demand(self, acr: str, *, suffices: bool) -> None:
        demand = Demand(acr_values=("aal2",))
        if suffices:
            demand.judge(acr, None, began_at=BEGAN)
            return
        with pytest.raises(UnmetAuthenticationRequirements):
            demand.judge(acr, None, began_at=BEGAN)

    @given(st.integers(min_value=0, max_value=900), st.integers(min_value=-1_000, max_value=60))
    def test_holds_the_age_against_the_demand(self, max_age: int, after: int) -> None:
        demand = Demand(max_age=timedelta(seconds=max_age))
        proven_at = BEGAN + timedelta(seconds=after)
        if after >= -max_age - 30:
            demand.judge("aal3", proven_at, began_at=BEGAN)
            return
        with pytest.raises(UnmetAuthenticationRequirements):
            demand.judge("aal3", proven_at, began_at=BEGAN)

    def test_trusts_no_silence(self) -> None:
        with pytest.raises(UnmetAuthenticationRequirements):
            Demand(max_age=timedelta(hours=1)).judge("aal3", None, began_at=BEGAN)
        Demand().judge("", None, began_at=BEGAN)
