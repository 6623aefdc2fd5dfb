"""The provider of businesses, in the shape of GビズID: a secret, RSA, and an account with a role.

Source: GビズID 接続システム向けガイドライン 2.9. It differs from the other two providers on
purpose: the issuer ends in a slash, clients prove themselves by `client_secret_basic`, PKCE is
recommended and not required, and a refresh token is given for `offline_access` alone.
"""

import base64
import hashlib
import hmac
import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlencode

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from .bodies import UnreadableRequest, read_form, read_parameters
from .business_register import SCOPES, BusinessAccount, BusinessClient, BusinessRegister
from .clock import Clock
from .oauth.errors import PersonRefused, TokenRefused
from .pages import Form, account_page
from .stores import ExpiringStore, Tallies, kept_secret

PATH = "/gbiz/oauth"
_ALGORITHM = "RS256"
_CODE_LIFETIME = timedelta(minutes=5)
_ACCESS_LIFETIME = timedelta(seconds=3600)
_REFRESH_LIFETIME = timedelta(days=1)
_SIGN_IN_LIFETIME = timedelta(minutes=10)
_CODE_CHARACTERS = string.ascii_letters + string.digits
_CODE_LENGTH = 22
_TRIES = 10
_NEVER_STORED = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_SEE_OTHER = 303


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    client: BusinessClient
    redirect_uri: str
    state: str | None
    nonce: str | None
    scopes: frozenset[str]
    challenge: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grant:
    asked: _Asked
    account: BusinessAccount
    at: datetime


@dataclass(slots=True, kw_only=True)
class _Shelf:
    """What is short-lived: sign-ins under way, codes, access and refresh tokens."""

    sign_ins: ExpiringStore[_Asked]
    codes: ExpiringStore[_Grant]
    access: ExpiringStore[_Grant]
    refresh: ExpiringStore[_Grant]

    @classmethod
    def empty(cls, clock: Clock) -> "_Shelf":
        return cls(
            sign_ins=ExpiringStore(clock, _SIGN_IN_LIFETIME),
            codes=ExpiringStore(clock, _CODE_LIFETIME),
            access=ExpiringStore(clock, _ACCESS_LIFETIME),
            refresh=ExpiringStore(clock, _REFRESH_LIFETIME),
        )


@dataclass(slots=True, kw_only=True)
class BusinessDesk:
    """The provider's pages and endpoints."""

    base_url: str
    register: BusinessRegister
    keys: Path
    tallies: Tallies
    clock: Clock
    _shelf: _Shelf = field(init=False)
    _key: RSAKey = field(init=False)

    def __post_init__(self) -> None:
        self._shelf = _Shelf.empty(self.clock)
        pem = kept_secret(
            self.keys / "business.pem", lambda: RSAKey.generate_key(2048).as_pem(private=True)
        )
        self._key = RSAKey.import_key(pem, {"use": "sig", "alg": _ALGORITHM})

    @property
    def issuer(self) -> str:
        return f"{self.base_url}{PATH}/"

    def routes(self) -> list[Route]:
        return [
            Route(f"{PATH}/.well-known/openid-configuration", self.metadata),
            Route(f"{PATH}/authorize", self.authorize),
            Route(f"{PATH}/sign-in", self.sign_in, methods=["POST"]),
            Route(f"{PATH}/cancel", self.cancel, methods=["POST"]),
            Route(f"{PATH}/token", self.token, methods=["POST"]),
            Route(f"{PATH}/userinfo", self.userinfo, methods=["GET", "POST"]),
            Route(f"{PATH}/jwks", self.jwks),
        ]

    async def metadata(self, _request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}authorize",
                "token_endpoint": f"{self.issuer}token",
                "userinfo_endpoint": f"{self.issuer}userinfo",
                "jwks_uri": f"{self.issuer}jwks",
                "response_types_supported": ["code"],
                "grant_types_supported": ["authorization_code", "refresh_token"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": [_ALGORITHM],
                "token_endpoint_auth_methods_supported": ["client_secret_basic"],
                "code_challenge_methods_supported": ["S256"],
                "scopes_supported": sorted(SCOPES),
            }
        )

    async def jwks(self, _request: Request) -> Response:
        public = self._key.as_dict(private=False) | {"kid": self._key.thumbprint()}
        return JSONResponse({"keys": [public]})

    async def authorize(self, request: Request) -> Response:
        """Ask somebody to sign in; an unknown client or callback is told to the person alone."""
        try:
            given = read_parameters(request.url.query.encode())
        except UnreadableRequest:
            raise _not_registered() from None
        client = self.register.clients().get(given.get("client_id", ""))
        redirect_uri = given.get("redirect_uri", "")
        if client is None or redirect_uri not in client.redirect_uris:
            raise _not_registered()
        fault = _fault_of(given, client)
        if fault is not None:
            return _see(redirect_uri, {"error": fault, "state": given.get("state")})
        asked = _Asked(
            client=client,
            redirect_uri=redirect_uri,
            state=given.get("state"),
            nonce=given.get("nonce"),
            scopes=frozenset(given["scope"].split()) if "scope" in given else client.scopes,
            challenge=given.get("code_challenge"),
        )
        return self._ask(self._shelf.sign_ins.put(asked), asked)

    async def sign_in(self, request: Request) -> Response:
        """One try with one account; the lock tells nobody which accounts there are."""
        transaction, asked, form = await self._resumed(request)
        name = form.get("username", "")
        account = self.register.accounts().get(name)
        wrong = account is None or not hmac.compare_digest(
            account.password.encode(), form.get("password", "").encode()
        )
        if self.tallies.of(f"business/{name}") >= _TRIES or wrong:
            self.tallies.add(f"business/{name}")
            return self._ask(transaction, asked, "アカウントIDかパスワードが違います。")
        if account is None or account.condition == "suspended":
            return self._ask(transaction, asked, "このアカウントは利用を停止されています。")
        self.tallies.clear(f"business/{name}")
        if self._shelf.sign_ins.take(transaction) is None:
            raise _gone()
        code = "".join(secrets.choice(_CODE_CHARACTERS) for _ in range(_CODE_LENGTH))
        self._shelf.codes.put(_Grant(asked=asked, account=account, at=self.clock()), key=code)
        return _see(asked.redirect_uri, {"code": code, "state": asked.state})

    async def cancel(self, request: Request) -> Response:
        transaction, asked, _ = await self._resumed(request)
        self._shelf.sign_ins.take(transaction)
        return _see(asked.redirect_uri, {"error": "access_denied", "state": asked.state})

    async def token(self, request: Request) -> Response:
        """Exchange a code, or a refresh token, which is used up by it."""
        try:
            form = await read_form(request)
            client = self._authenticated(request.headers.get("authorization", ""))
            return JSONResponse(self._given(client, form), headers=_NEVER_STORED)
        except UnreadableRequest as refused:
            return _refusal(TokenRefused("invalid_request", str(refused)))
        except TokenRefused as refused:
            return _refusal(refused)

    async def userinfo(self, request: Request) -> Response:
        """What the access token's scopes open: `invalid_token` 401, `insufficient_scope` 403."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        grant = self._shelf.access.get(self._named(token)) if scheme.lower() == "bearer" else None
        if grant is None:
            return _challenge("invalid_token", HTTPStatus.UNAUTHORIZED)
        if not grant.asked.scopes - {"openid", "offline_access"}:
            return _challenge("insufficient_scope", HTTPStatus.FORBIDDEN)
        said = {"sub": grant.account.account_id} | grant.account.userinfo(grant.asked.scopes)
        return JSONResponse(said, headers=_NEVER_STORED)

    def _authenticated(self, authorization: str) -> BusinessClient:
        """Read `client_secret_basic` (RFC 6749 §2.3.1); every other way is refused."""
        scheme, _, encoded = authorization.partition(" ")
        try:
            decoded = base64.b64decode(encoded, validate=True).decode("ascii")
        except ValueError:
            decoded = ""
        name, _, secret = (unquote(part) for part in decoded.partition(":"))
        client = self.register.clients().get(name)
        known = client.client_secret if client is not None else ""
        same = hmac.compare_digest(known.encode(), secret.encode())
        if scheme.lower() != "basic" or client is None or not same:
            raise TokenRefused(
                "invalid_client", "client_secret_basic failed", status=HTTPStatus.UNAUTHORIZED
            )
        return client

    def _given(self, client: BusinessClient, form: Mapping[str, str]) -> dict[str, Any]:
        kind = form.get("grant_type")
        if kind == "refresh_token":
            grant = self._shelf.refresh.take(form.get("refresh_token", ""))
        elif kind == "authorization_code":
            grant = self._shelf.codes.take(form.get("code", ""))
        else:
            raise TokenRefused("unsupported_grant_type", "code or refresh token")
        if grant is None or grant.asked.client.client_id != client.client_id:
            raise TokenRefused("invalid_grant", "unknown, spent, expired or another client's")
        if kind == "authorization_code":
            _check_binding(grant.asked, form)
        return self._tokens(grant)

    def _tokens(self, grant: _Grant) -> dict[str, Any]:
        now, asked = self.clock(), grant.asked
        identifier = self._shelf.access.put(grant)
        common = {
            "iss": self.issuer,
            "sub": grant.account.account_id,
            "iat": int(now.timestamp()),
            "exp": int((now + _ACCESS_LIFETIME).timestamp()),
        }
        id_token = common | {
            "aud": asked.client.client_id,
            "auth_time": int(grant.at.timestamp()),
            "jti": secrets.token_urlsafe(16),
        }
        if asked.nonce is not None:
            id_token["nonce"] = asked.nonce
        answer: dict[str, Any] = {
            "access_token": self._sign(common | {"aud": self.issuer, "jti": identifier}),
            "token_type": "Bearer",
            "expires_in": int(_ACCESS_LIFETIME.total_seconds()),
            "id_token": self._sign(id_token),
        }
        if "offline_access" in asked.scopes:
            answer["refresh_token"] = self._shelf.refresh.put(grant)
        return answer

    def _sign(self, claims: dict[str, Any]) -> str:
        header = {"alg": _ALGORITHM, "kid": self._key.thumbprint(), "typ": "JWT"}
        return jwt.encode(header, claims, self._key, algorithms=[_ALGORITHM])

    def _named(self, token: str) -> str:
        try:
            read = jwt.decode(token, self._key, algorithms=[_ALGORITHM])
        except (JoseError, ValueError):
            return ""
        return str(read.claims.get("jti", ""))

    async def _resumed(self, request: Request) -> tuple[str, _Asked, Mapping[str, str]]:
        form = await read_form(request)
        transaction = form.get("transaction", "")
        asked = self._shelf.sign_ins.get(transaction)
        if asked is None:
            raise _gone()
        return transaction, asked, form

    def _ask(self, transaction: str, asked: _Asked, fault: str = "") -> Response:
        form = Form(
            action=f"{PATH}/sign-in",
            cancel=f"{PATH}/cancel",
            transaction=transaction,
            client_id=asked.client.client_id,
            callback=asked.redirect_uri,
        )
        return account_page(form, fault=fault)


def _fault_of(given: Mapping[str, str], client: BusinessClient) -> str | None:
    asked = frozenset(given["scope"].split()) if "scope" in given else client.scopes
    if given.get("response_type") != "code":
        return "unsupported_response_type"
    if "openid" not in asked or not asked <= client.scopes:
        return "invalid_scope"
    if "code_challenge" in given and given.get("code_challenge_method") != "S256":
        return "invalid_request"
    return None


def _check_binding(asked: _Asked, form: Mapping[str, str]) -> None:
    if form.get("redirect_uri") != asked.redirect_uri:
        raise TokenRefused("invalid_grant", "redirect_uri differs")
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    derived = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    if asked.challenge is not None and not hmac.compare_digest(derived, asked.challenge):
        raise TokenRefused("invalid_grant", "code_verifier does not match")


def _see(address: str, answer: Mapping[str, str | None]) -> Response:
    given = {name: value for name, value in answer.items() if value is not None}
    joint = "&" if "?" in address else "?"
    return RedirectResponse(
        f"{address}{joint}{urlencode(given)}", status_code=_SEE_OTHER, headers=_NEVER_STORED
    )


def _refusal(refused: TokenRefused) -> Response:
    headers = dict(_NEVER_STORED)
    if refused.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Basic"
    return JSONResponse(
        {"error": refused.error, "error_description": refused.description},
        status_code=refused.status,
        headers=headers,
    )


def _challenge(error: str, status: HTTPStatus) -> Response:
    return Response(status_code=status, headers={"WWW-Authenticate": f'Bearer error="{error}"'})


def _not_registered() -> PersonRefused:
    return PersonRefused(
        "このサービスは登録されていないか、戻り先のアドレスが登録と一致しません。",
        remedy="サービスの担当者に連絡してください。",
    )


def _gone() -> PersonRefused:
    return PersonRefused(
        "この画面の有効期限が切れたか、すでに使われています。",
        remedy="元のサービスに戻り、もう一度サインインを始めてください。",
    )
