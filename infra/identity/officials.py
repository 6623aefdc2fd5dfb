"""One provider per municipality: its officials sign in with the account of their own office."""

import hmac
import re
from collections.abc import Callable
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .interaction import SignIn, cancel, finish, resume, start
from .oauth.authorization import Offer
from .oauth.endpoints import provider_routes
from .oauth.provider import Authentication, Provider, ProviderSettings, pairwise
from .pages import password_page, refusal_page
from .register import OfficialRecord, Register
from .stores import Tallies

_PATH = "/officials/{code}"
_STEP = "sign-in"
_TRIES = 10
_USERNAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_LEVEL = "aal1"
OFFER = Offer(scopes=frozenset({"openid", "profile", "groups"}), acr_values=frozenset({_LEVEL}))


def officials_settings(base_url: str, code: str) -> ProviderSettings:
    """The issuer of one municipality: its `sub` is public, as the office's own directory is."""
    issuer = f"{base_url}{_PATH.format(code=code)}"
    return ProviderSettings(
        issuer=issuer,
        offer=OFFER,
        claims=("name", "preferred_username", "groups"),
        subject_type="public",
        # RFC 7523 §3 lets a provider be named by its token endpoint; FAPI 2.0 prefers its issuer.
        assertion_audiences=frozenset({issuer, f"{issuer}/protocol/openid-connect/token"}),
    )


class OfficialsDesk:
    """The pages of every municipality's provider. A municipality without officials has none."""

    def __init__(
        self,
        register: Register,
        *,
        make_provider: Callable[[str], Provider],
        tallies: Tallies,
        pseudonyms: bytes,
    ) -> None:
        self._register = register
        self._make_provider = make_provider
        self._tallies = tallies
        self._pseudonyms = pseudonyms
        self._providers: dict[str, Provider] = {}

    def routes(self) -> list[Route]:
        authorize = f"{_PATH}/protocol/openid-connect/auth"
        return [
            Route(authorize, self.authorize),
            Route(f"{_PATH}/{_STEP}", self.sign_in, methods=["POST"]),
            Route(f"{_PATH}/cancel", self.cancel, methods=["POST"]),
            *provider_routes(_PATH, self._provider_of),
        ]

    async def authorize(self, request: Request) -> Response:
        provider = self._provider_of(request)
        if provider is None:
            return Response(status_code=HTTPStatus.NOT_FOUND)
        code = request.path_params["code"]
        return start(provider, request, lambda sign_in: self._ask(code, sign_in))

    async def cancel(self, request: Request) -> Response:
        provider = self._provider_of(request)
        if provider is None:
            return Response(status_code=HTTPStatus.NOT_FOUND)
        return await cancel(provider, request)

    async def sign_in(self, request: Request) -> Response:
        """One try with one account.

        Wrong tries are counted by what was typed, whether or not such an account exists: neither
        the answer nor the lock tells a stranger which names the office knows.
        """
        provider = self._provider_of(request)
        if provider is None:
            return Response(status_code=HTTPStatus.NOT_FOUND)
        code = request.path_params["code"]
        sign_in, form = await resume(provider, request)
        username = form.get("username", "")
        if not _USERNAME.fullmatch(username):
            return self._ask(code, sign_in, fault="利用者名かパスワードが違います。")
        counter = f"{code}/{username}"
        if self._tallies.of(counter) >= _TRIES:
            return self._locked(code, sign_in)
        official = self._register.officials(code).get(username)
        if (
            official is None
            or official.disabled
            or not _same(official.password, form.get("password", ""))
        ):
            self._tallies.add(counter)
            return self._ask(code, sign_in, username, fault="利用者名かパスワードが違います。")
        self._tallies.clear(counter)
        return finish(provider, sign_in, self._authentication(provider, official))

    def _authentication(self, provider: Provider, official: OfficialRecord) -> Authentication:
        claims = {
            "name": official.name,
            "preferred_username": official.username,
            "groups": list(official.groups),
        }
        return Authentication(
            subject=pairwise(self._pseudonyms, provider.issuer, official.username),
            acr=_LEVEL,
            amr=("pwd",),  # RFC 8176 §2
            userinfo=claims,
            id_token=claims,
            account=official.username,
        )

    async def dismiss(self) -> int:
        """Sign out whoever is signed in by an account that was closed or is gone."""
        ended = 0
        for code, provider in self._providers.items():
            officials = self._register.officials(code)
            may_stay = {name for name, one in officials.items() if not one.disabled}
            ended += await provider.farewells.end_those(
                lambda session, may_stay=may_stay: session.account not in may_stay
            )
        return ended

    def _provider_of(self, request: Request) -> Provider | None:
        code = request.path_params["code"]
        if not self._register.officials(code):
            return None
        return self._providers.get(code) or self._providers.setdefault(
            code, self._make_provider(code)
        )

    def _ask(self, code: str, sign_in: SignIn, username: str = "", *, fault: str = "") -> Response:
        form = sign_in.form(_PATH.format(code=code), _STEP)
        return password_page(form, code=code, username=username, fault=fault)

    def _locked(self, code: str, sign_in: SignIn) -> Response:
        return refusal_page(
            "この利用者はロックされています。",
            remedy="所属の情報システム担当に連絡し、ロックの解除を依頼してください。",
            status=HTTPStatus.FORBIDDEN,
            form=sign_in.form(_PATH.format(code=code), _STEP),
        )


def _same(expected: str, given: str) -> bool:
    return hmac.compare_digest(expected.encode(), given.encode())
