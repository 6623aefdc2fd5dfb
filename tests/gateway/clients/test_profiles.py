"""The table of profiles, and that a client is held to its row whatever its registration says."""

from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given, strategies as st

from gateway.authorization.grants import GRANTS
from gateway.clients.domain import Client
from gateway.clients.profiles import CLIENT_CREDENTIALS, FOR_PEOPLE, PROFILES, Profile

AT = datetime(2026, 11, 23, tzinfo=UTC)
FOREIGN: tuple[Profile, ...] = ("third_party", "machine")
profiles = st.sampled_from(sorted(PROFILES))


def a_client(**columns: Any) -> Client:
    given_columns: dict[str, Any] = {
        "client_id": "x",
        "name": "x",
        "kinds": frozenset({"resident"}),
        "scopes": frozenset[str](),
        "redirect_uris": frozenset[str](),
        "sector": "x",
        "active": True,
    }
    return Client(**(given_columns | columns))


clients = st.builds(
    a_client,
    profile=profiles,
    kinds=st.frozensets(st.sampled_from(["resident", "official", "machine"]), min_size=1),
    dpop_bound=st.booleans(),
    par_required=st.booleans(),
    has_keys=st.booleans(),
    jwks_uri=st.sampled_from([None, "https://vendor.example/keys"]),
)


class TestTable:
    def test_has_a_row_for_each_profile(self) -> None:
        assert set(PROFILES) == set(get_args(Profile))

    @pytest.mark.parametrize("profile", PROFILES)
    def test_names_only_grants_there_are(self, profile: Profile) -> None:
        assert PROFILES[profile].grants <= GRANTS.keys()

    @pytest.mark.parametrize("profile", PROFILES)
    def test_gives_codes_a_minute_at_most(self, profile: Profile) -> None:
        assert timedelta(0) < PROFILES[profile].code_lifetime <= timedelta(seconds=60)

    @pytest.mark.parametrize("profile", FOREIGN)
    def test_holds_foreign_software_to_fapi(self, profile: Profile) -> None:
        rules = PROFILES[profile]
        assert rules.key_required
        assert rules.dpop_required
        assert rules.issuer_is_the_only_audience
        assert rules.par_required is ("authorization_code" in rules.grants)

    def test_asks_people_before_somebody_elses_software_acts_for_them(self) -> None:
        assert PROFILES["third_party"].consent_required


class TestClient:
    @given(clients)
    def test_registration_may_ask_more_than_the_row_and_never_less(self, client: Client) -> None:
        rules = client.rules
        assert client.must_bind >= rules.dpop_required
        assert client.must_push >= rules.par_required
        assert client.is_confidential >= rules.key_required
        assert client.grants <= rules.grants

    @given(clients)
    def test_acts_for_people_only_if_it_is_for_people(self, client: Client) -> None:
        if client.kinds == frozenset({"machine"}):
            assert not client.grants & FOR_PEOPLE
        if "machine" not in client.kinds:
            assert CLIENT_CREDENTIALS not in client.grants

    @given(clients)
    def test_who_acts_for_itself_proves_itself(self, client: Client) -> None:
        if CLIENT_CREDENTIALS in client.grants:
            assert client.is_confidential

    @given(clients)
    def test_who_ever_had_a_key_is_not_taken_for_public(self, client: Client) -> None:
        if client.has_keys or client.jwks_uri is not None:
            assert client.is_confidential

    def test_a_front_end_of_ours_may_be_public(self) -> None:
        assert not a_client().is_confidential

    @pytest.mark.parametrize(
        ("columns", "is_in_force"),
        [
            ({}, True),
            ({"active": False}, False),
            ({"expires_at": AT}, False),
            ({"expires_at": AT + timedelta(seconds=1)}, True),
            ({"expires_at": AT + timedelta(days=1), "active": False}, False),
        ],
    )
    def test_is_in_force_until_suspended_or_over(
        self, columns: dict[str, Any], *, is_in_force: bool
    ) -> None:
        assert a_client(**columns).is_in_force(AT) is is_in_force
