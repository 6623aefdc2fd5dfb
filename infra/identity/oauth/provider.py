"""One OpenID provider: from an authorization request to a code, to tokens, to what they open."""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from joserfc.errors import JoseError

from infra.identity.clock import Clock
from infra.identity.register import ClientRecord
from infra.identity.stores import ExpiringStore

from .authorization import AuthorizationRequest, Callback, Offer
from .client_assertion import ClientAuthentication
from .client_keys import ClientKeys
from .errors import AuthorizationRefused, BearerRefused, TokenRefused
from .farewells import Farewells, Session
from .signing_key import SigningKey

SIGN_IN_LIFETIME = timedelta(minutes=10)
CODE_LIFETIME = timedelta(seconds=60)
TOKEN_LIFETIME = timedelta(minutes=5)

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_ACCESS_TOKEN_TYPE = "at+jwt"  # noqa: S105 - a media type (RFC 9068 §2.1), no secret
_PROTOCOL = "/protocol/openid-connect"


@dataclass(frozen=True, slots=True, kw_only=True)
class Authentication:
    """Who was found to be there, how, and what may be told about the person."""

    subject: str
    acr: str
    amr: tuple[str, ...]
    userinfo: Mapping[str, Any]
    id_token: Mapping[str, Any] = field(default_factory=dict[str, Any])
    account: str = ""
    """What this provider calls the person; no client is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grant:
    request: AuthorizationRequest
    authentication: Authentication
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSettings:
    """What makes one issuer differ from another."""

    issuer: str
    offer: Offer
    claims: tuple[str, ...]
    subject_type: str
    assertion_audiences: frozenset[str]
    machine_scopes: frozenset[str] = frozenset()
    """What a client may ask for in its own name; empty: client credentials are not served."""


class Provider:
    """An issuer with its clients, its key and its short-lived state."""

    def __init__(
        self,
        settings: ProviderSettings,
        *,
        clients: Callable[[], Mapping[str, ClientRecord]],
        key: SigningKey,
        client_keys: ClientKeys,
        clock: Clock,
    ) -> None:
        self.settings = settings
        self.issuer = settings.issuer
        self.clients = clients
        self.key = key
        self.client_authentication = ClientAuthentication(
            clients=clients, audiences=settings.assertion_audiences, keys=client_keys, clock=clock
        )
        self.sign_ins = ExpiringStore[AuthorizationRequest](clock, SIGN_IN_LIFETIME)
        self._codes = ExpiringStore[_Grant](clock, CODE_LIFETIME)
        self._spent = ExpiringStore[str](clock, TOKEN_LIFETIME)
        self._access = ExpiringStore[_Grant](clock, TOKEN_LIFETIME)
        self._machines = ExpiringStore[str](clock, TOKEN_LIFETIME)
        self.farewells = Farewells(settings.issuer, key=key, http=client_keys.http, clock=clock)
        self._clock = clock

    @property
    def _grant_types(self) -> list[str]:
        machines = ["client_credentials"] if self.settings.machine_scopes else []
        return ["authorization_code", *machines]

    def endpoint(self, name: str) -> str:
        return f"{self.issuer}{_PROTOCOL}/{name}"

    def grant(self, request: AuthorizationRequest, authentication: Authentication) -> str:
        """The callback address with a fresh code (RFC 6749 §4.1.2) and our name (RFC 9207 §2)."""
        code = self._codes.put(
            _Grant(request=request, authentication=authentication, at=self._clock())
        )
        return _with_query(
            request.redirect_uri,
            {
                "code": code,
                "state": request.state,
                "session_state": secrets.token_urlsafe(16),
                "iss": self.issuer,
            },
        )

    def refusal(
        self, callback: Callback | AuthorizationRequest, refused: AuthorizationRefused
    ) -> str:
        """The callback address with an error (RFC 6749 §4.1.2.1)."""
        answer = {
            "error": refused.error,
            "error_description": refused.description,
            "iss": self.issuer,
        }
        if callback.state is not None:
            answer["state"] = callback.state
        return _with_query(callback.redirect_uri, answer)

    def answer(self, client: ClientRecord, form: Mapping[str, str]) -> dict[str, Any]:
        """The token response for either grant that is served.

        Raises:
            TokenRefused: `unsupported_grant_type`, `invalid_scope` or what `redeem` raises.
        """
        if form.get("grant_type") == "client_credentials" and self.settings.machine_scopes:
            return self._issue_to_machine(client, form)
        return self.redeem(client, form)

    def _issue_to_machine(self, client: ClientRecord, form: Mapping[str, str]) -> dict[str, Any]:
        """RFC 6749 §4.4: nobody but the client itself; the token only opens the signing API."""
        offered = self.settings.machine_scopes
        scopes = frozenset(form.get("scope", " ".join(sorted(offered))).split())
        if not scopes <= offered:
            raise TokenRefused("invalid_scope", f"scopes for a client: {' '.join(sorted(offered))}")
        now = self._clock()
        identifier = self._machines.put(client.client_id)
        scope = " ".join(sorted(scopes))
        claims = {
            "iss": self.issuer,
            "sub": client.client_id,
            "aud": self.issuer,
            "client_id": client.client_id,
            "iat": int(now.timestamp()),
            "exp": int((now + TOKEN_LIFETIME).timestamp()),
            "jti": identifier,
            "scope": scope,
        }
        return {
            "access_token": self.key.sign(claims, type_=_ACCESS_TOKEN_TYPE),
            "token_type": "Bearer",
            "expires_in": int(TOKEN_LIFETIME.total_seconds()),
            "scope": scope,
        }

    def machine_of(self, token: str) -> ClientRecord:
        """The client that asked for this token in its own name.

        Raises:
            BearerRefused: `invalid_token`; a person's token does not pass for a machine's.
        """
        client_id = self._machines.get(self._identifier(token))
        client = self.clients().get(client_id or "")
        if client is None:
            raise BearerRefused("invalid_token", "not a live token of a client of this provider")
        return client

    def request_of(self, token: str) -> AuthorizationRequest:
        """The request a person's access token was granted for.

        Raises:
            BearerRefused: `invalid_token`; a machine's token does not pass for a person's.
        """
        return self._granted(token).request

    def redeem(self, client: ClientRecord, form: Mapping[str, str]) -> dict[str, Any]:
        """The token response for an authorization code (RFC 6749 §4.1.3, RFC 7636 §4.6).

        A code is spent by its first presentation, even a failed one. A second presentation also
        takes back the access token of the first (RFC 6749 §4.1.2): one of the two was a thief.

        Raises:
            TokenRefused: `unsupported_grant_type`, `invalid_request` or `invalid_grant`.
        """
        _check_grant_form(form)
        code = form["code"]
        grant = self._codes.take(code)
        if grant is None:
            self._access.take(self._spent.take(code) or "")
            raise TokenRefused("invalid_grant", "the code is unknown, spent or expired")
        self._check_binding(grant, client, form)
        return self._issue(code, grant)

    def _check_binding(self, grant: _Grant, client: ClientRecord, form: Mapping[str, str]) -> None:
        if grant.request.client.client_id != client.client_id:
            raise TokenRefused("invalid_grant", "the code was given to another client")
        if grant.request.redirect_uri != form["redirect_uri"]:
            raise TokenRefused(
                "invalid_grant", "redirect_uri differs from the authorization request"
            )
        derived = _base64url(hashlib.sha256(form["code_verifier"].encode()).digest())
        if not hmac.compare_digest(derived, grant.request.code_challenge):
            raise TokenRefused("invalid_grant", "code_verifier does not match code_challenge")

    def _issue(self, code: str, grant: _Grant) -> dict[str, Any]:
        identifier = self._access.put(grant)
        self._spent.put(identifier, key=code)
        common = self._common_claims(grant)
        scope = " ".join(sorted(grant.request.scopes))
        access_token = self.key.sign(
            common
            | {
                "aud": self.issuer,
                "client_id": grant.request.client.client_id,
                "scope": scope,
                "jti": identifier,
            },
            type_=_ACCESS_TOKEN_TYPE,
        )
        id_token = self.key.sign(
            dict(grant.authentication.id_token)
            | common
            | {
                "aud": grant.request.client.client_id,
                "azp": grant.request.client.client_id,
                "nonce": grant.request.nonce,
                "amr": list(grant.authentication.amr),
                "at_hash": _base64url(hashlib.sha256(access_token.encode()).digest()[:16]),
                "jti": secrets.token_urlsafe(16),
                "sid": self._session(grant),
            },
            type_="JWT",
        )
        return {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": int(TOKEN_LIFETIME.total_seconds()),
            "scope": scope,
            "id_token": id_token,
        }

    def _session(self, grant: _Grant) -> str:
        found = grant.authentication
        session = Session(client=grant.request.client, subject=found.subject, account=found.account)
        return self.farewells.begin(session)

    async def sign_out(self, hint: str) -> bool:
        """End the session an ID token names, also an expired one (RP-Initiated Logout §4)."""
        try:
            sid = self.key.read(hint).claims.get("sid")
        except (JoseError, ValueError):
            return False
        return isinstance(sid, str) and await self.farewells.end(sid)

    def _common_claims(self, grant: _Grant) -> dict[str, Any]:
        """OIDC Core §2 and RFC 9068 §2.2: the claims both tokens carry."""
        now = self._clock()
        return {
            "iss": self.issuer,
            "sub": grant.authentication.subject,
            "iat": int(now.timestamp()),
            "exp": int((now + TOKEN_LIFETIME).timestamp()),
            "auth_time": int(grant.at.timestamp()),
            "acr": grant.authentication.acr,
        }

    def userinfo(self, token: str) -> dict[str, Any]:
        """What the access token opens (OIDC Core §5.3.2).

        An ID token, though signed with the same key, opens nothing (RFC 9068 §4): only the `jti` of
        an access token is ever in the store of what has been granted.

        Raises:
            BearerRefused: `invalid_token` for anything but a live access token of this issuer.
        """
        grant = self._granted(token)
        return {"sub": grant.authentication.subject} | dict(grant.authentication.userinfo)

    def _granted(self, token: str) -> _Grant:
        grant = self._access.get(self._identifier(token))
        if grant is None:
            raise BearerRefused("invalid_token", "not a live access token of this provider")
        return grant

    def _identifier(self, token: str) -> str:
        try:
            identifier = self.key.read(token).claims.get("jti")
        except (JoseError, ValueError):
            raise BearerRefused("invalid_token", "not a token of this provider") from None
        return identifier if isinstance(identifier, str) else ""

    def metadata(self) -> dict[str, Any]:
        """OpenID Connect Discovery §3, RFC 8414 §2, RFC 9207 §3: what is served, and not more."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": self.endpoint("auth"),
            "token_endpoint": self.endpoint("token"),
            "userinfo_endpoint": self.endpoint("userinfo"),
            "jwks_uri": self.endpoint("certs"),
            "end_session_endpoint": self.endpoint("logout"),
            "backchannel_logout_supported": True,
            "backchannel_logout_session_supported": True,
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": self._grant_types,
            "subject_types_supported": [self.settings.subject_type],
            "id_token_signing_alg_values_supported": ["ES256"],
            "scopes_supported": sorted(self.settings.offer.scopes),
            "acr_values_supported": sorted(self.settings.offer.acr_values),
            "claims_supported": ["sub", *self.settings.claims],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ["ES256"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
            "claims_parameter_supported": False,
            "request_parameter_supported": False,
            "request_uri_parameter_supported": False,
        }


def _check_grant_form(form: Mapping[str, str]) -> None:
    grant_type = form.get("grant_type")
    if grant_type is None:
        raise TokenRefused("invalid_request", "grant_type is missing")
    if grant_type != "authorization_code":
        raise TokenRefused("unsupported_grant_type", "only authorization_code is served")
    for name in ("code", "redirect_uri", "code_verifier"):
        if name not in form:
            raise TokenRefused("invalid_request", f"{name} is missing")
    if not _VERIFIER.fullmatch(form["code_verifier"]):
        raise TokenRefused("invalid_request", "code_verifier: 43 to 128 unreserved characters")


def pairwise(secret: bytes, *parts: str) -> str:
    """A pseudonym nobody can derive without the secret, nor compare between clients.

    OIDC Core §8.1. The parts are joined by a line feed, which none of them can contain.
    """
    return _base64url(hmac.digest(secret, "\n".join(parts).encode(), "sha256"))


def _with_query(uri: str, parameters: Mapping[str, str]) -> str:
    return f"{uri}{'&' if '?' in uri else '?'}{urlencode(parameters)}"


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
