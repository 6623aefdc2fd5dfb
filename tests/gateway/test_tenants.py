"""Which municipality a request is for, before anybody has signed in to it."""

import pytest

from foundation.problems import TenantMismatch
from gateway.tenants import MunicipalityRequired, code_before_sign_in, code_of_host


class TestCodeOfHost:
    @pytest.mark.parametrize(
        ("host", "code"),
        [
            ("012084.localhost:8200", "012084"),
            ("012084.LOCALHOST", "012084"),
            ("012084.localhost.", "012084"),
            ("localhost:8200", None),
            ("127.0.0.1:8200", None),
            ("012084.evil.example", None),
            ("x.012084.localhost", None),
            ("０１２０８４.localhost", None),
            ("", None),
            (None, None),
        ],
    )
    def test_reads_the_first_label_below_our_domain(
        self, host: str | None, code: str | None
    ) -> None:
        assert code_of_host(host, "localhost") == code


class TestCodeBeforeSignIn:
    def test_takes_the_host_or_the_header(self) -> None:
        assert code_before_sign_in("012084.localhost", [], domain="localhost") == "012084"
        assert code_before_sign_in("localhost", ["012084"], domain="localhost") == "012084"

    def test_takes_both_when_they_agree(self) -> None:
        named = code_before_sign_in("012084.localhost", ["012084"], domain="localhost")
        assert named == "012084"

    @pytest.mark.parametrize("headers", [["302082"], ["012084", "302082"], [""]])
    def test_refuses_two_that_disagree(self, headers: list[str]) -> None:
        with pytest.raises(TenantMismatch):
            code_before_sign_in("012084.localhost", headers, domain="localhost")

    def test_has_no_default(self) -> None:
        with pytest.raises(MunicipalityRequired):
            code_before_sign_in("localhost", [], domain="localhost")
