"""How strict the cookies are, over https and in development."""

import pytest
from fastapi import Response

from foundation.identifiers import MunicipalityCode
from gateway.frontends import cookies
from gateway.handles import Handle

SECRET = Handle.new(MunicipalityCode.parse("012084"))


class TestSessionCookie:
    def test_over_https_belongs_to_this_host_alone(self) -> None:
        answer = Response()
        cookies.give_session(answer, SECRET, is_https=True)
        given = answer.headers["set-cookie"]
        assert given.startswith("__Host-tamaire-session=012084.")
        for attribute in ("HttpOnly", "Secure", "Path=/", "SameSite=lax"):
            assert attribute in given
        assert "Domain" not in given

    @pytest.mark.parametrize("is_https", [True, False])
    def test_is_taken_away_as_it_was_given(self, *, is_https: bool) -> None:
        """A browser that finds another set of attributes keeps a `__Host-` cookie."""
        answer = Response()
        cookies.take_session(answer, is_https=is_https)
        taken = answer.headers["set-cookie"]
        assert "Max-Age=0" in taken
        assert ("Secure" in taken) is is_https
        assert "Path=/;" in taken
        assert "SameSite=lax" in taken

    def test_in_development_keeps_everything_but_the_prefix_and_secure(self) -> None:
        answer = Response()
        cookies.give_session(answer, SECRET, is_https=False)
        given = answer.headers["set-cookie"]
        assert given.startswith("tamaire-session=")
        assert "HttpOnly" in given
        assert "SameSite=lax" in given
        assert "Secure" not in given


class TestSignInCookie:
    def test_is_another_for_every_sign_in(self) -> None:
        other = Handle.new(MunicipalityCode.parse("012084"))
        names = {cookies.sign_in_cookie(one, is_https=True) for one in (SECRET, other)}
        assert len(names) == 2
        assert all(name.startswith("__Secure-") for name in names)
