"""An address is registered to the letter, and leads to its vendor and nobody else."""

import pytest
from hypothesis import given, strategies as st

from gateway.vendors.addresses import fetched_objection, origin_objection, redirect_objection

GOOD = [
    "https://app.example.co.jp/back",
    "https://example.jp:8443/a/b?c=d",
    "https://xn--eckwd4c7c.jp/",
]
NEVER = [
    "",
    "back",
    "/back",
    "//example.co.jp/back",
    "https://",
    "https:///back",
    "https://example.co.jp:0/",
    "https://example.co.jp:99999/",
    "https://example.co.jp:x/",
    "https://*.example.co.jp/back",
    "https://example.co.jp/*",
    "https://example.co.jp/back#here",
    "https://user@example.co.jp/back",
    "https://user:pass@example.co.jp/back",
    "https://example.co.jp/a/../b",
    "https://example.co.jp/a/%2e%2e/b",
    "https://example.co.jp/a/..",
    "https://example.co.jp\\@evil.example/",
    "https://EXAMPLE.co.jp/back",
    "https://example.co.jp//evil",
    "https://例.jp/back",
    "https://example.co.jp/ back",
    "https://203.0.113.5/back",
    "https://[2001:db8::1]/back",
    "https://localhost/back",
    "https://intranet/back",
    "http://example.co.jp/back",
    "javascript:alert(1)",
    "myapp://back",
    "file:///etc/passwd",
    "https://example.co.jp/" + "a" * 500,
]
LOOPBACK = ["http://127.0.0.1:3000/back", "http://localhost/back", "http://[::1]:8080/back"]


class TestRedirectAddresses:
    @pytest.mark.parametrize("address", GOOD)
    def test_of_the_public_internet_are_taken(self, address: str) -> None:
        assert redirect_objection(address, environment="production") is None
        assert redirect_objection(address, environment="sandbox") is None

    @pytest.mark.parametrize("address", NEVER)
    def test_that_could_lead_elsewhere_are_refused_in_both_worlds(self, address: str) -> None:
        for environment in ("sandbox", "production"):
            found = redirect_objection(address, environment=environment)
            assert found is not None
            assert found.detail
            assert found.detail_ja

    @pytest.mark.parametrize("address", LOOPBACK)
    def test_of_this_machine_are_for_the_sandbox(self, address: str) -> None:
        assert redirect_objection(address, environment="sandbox") is None
        assert redirect_objection(address, environment="production") is not None

    @given(st.text(max_size=60))
    def test_are_judged_whatever_they_are(self, address: str) -> None:
        found = redirect_objection(address, environment="production")
        assert found is not None or address.startswith("https://")


class TestOrigins:
    def test_are_a_scheme_a_host_and_a_port(self) -> None:
        assert origin_objection("https://app.example.co.jp", environment="production") is None
        assert origin_objection("http://localhost:5173", environment="sandbox") is None
        for wrong in ("https://app.example.co.jp/", "https://a.example.jp/x", "null", "*"):
            assert origin_objection(wrong, environment="production") is not None


class TestFetchedAddresses:
    @pytest.mark.parametrize("address", [*NEVER, *LOOPBACK])
    def test_never_lead_into_the_house(self, address: str) -> None:
        assert fetched_objection(address) is not None

    def test_of_the_public_internet_are_taken(self) -> None:
        assert fetched_objection("https://example.co.jp/jwks.json") is None
