"""What a client may be given."""

from hypothesis import given, strategies as st

from gateway.clients.domain import KIND_SCOPES, SCOPES, Client

scopes = st.frozensets(st.sampled_from([*SCOPES, "registry:match"]))
kinds = st.sampled_from(sorted(KIND_SCOPES))


def a_client(registered: frozenset[str], *kinds_of_it: str) -> Client:
    return Client(
        client_id="x",
        name="x",
        kinds=frozenset(kinds_of_it or {"resident"}),
        scopes=registered,
        redirect_uris=frozenset(),
        sector="x",
        active=True,
    )


class TestGranted:
    @given(scopes, scopes, scopes, kinds)
    def test_is_never_more_than_any_of_the_four_allows(
        self,
        requested: frozenset[str],
        registered: frozenset[str],
        leave: frozenset[str],
        kind: str,
    ) -> None:
        given_scopes = a_client(registered).granted(requested, kind=kind, leave=leave)
        for limit in (requested, registered, leave, KIND_SCOPES[kind]):
            assert given_scopes <= limit

    @given(kinds)
    def test_nobody_is_ever_given_the_gateways_own_scope(self, kind: str) -> None:
        everything = frozenset({*SCOPES, "registry:match"})
        given_scopes = a_client(everything).granted(everything, kind=kind, leave=everything)
        assert "registry:match" not in given_scopes

    def test_no_machine_reads_consultations_or_pays(self) -> None:
        assert not KIND_SCOPES["machine"] & {
            "consultation:read",
            "consultation:write",
            "benefits:pay",
            "platform:write",
        }


class TestGrants:
    def test_a_machine_has_no_codes_and_a_front_end_no_credentials(self) -> None:
        assert a_client(frozenset(), "machine").grants == {"client_credentials"}
        assert "client_credentials" not in a_client(frozenset(), "resident", "official").grants
