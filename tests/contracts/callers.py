"""Who calls in the tests of the contract: everybody the house knows, and somebody it does not.

Each signs in as in life: residents and officials by the steps of a browser, machines by a note
they sign themselves. A token is used for eight of its ten minutes, so a long run renews it.
"""

import hashlib
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx

from foundation import clock
from foundation.identifiers import new_id
from foundation.identity import Role, SigningKey
from operations.demo.signin import FormReader
from operations.population.simulator import PASSWORD, PIN
from operations.seeding.clients import OFFICIAL_SCOPES, RESIDENT_SCOPES

KITAMI = "012084"
ANONYMOUS = "anonymous"
PEERS = "peers"
_USED_FOR_S = 480.0
_PATIENCE_S = 30.0
_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Somebody with a name for the tests; `fields` is what they do at the provider's page."""

    name: str
    kind: str
    scopes: tuple[str, ...]
    client_id: str
    role: str = ""
    step: str = ""
    fields: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)

    def may(self, operation: Mapping[str, Any]) -> bool:
        """Whether the published interface says that they may use an operation."""
        if "x-callers" not in operation:
            return True
        return (
            self.kind in operation["x-callers"]
            and set(_scopes_of(operation)) <= set(self.scopes)
            and self.client_id in operation.get("x-clients", [self.client_id])
            and (self.kind != "official" or self.role in operation["x-roles"])
        )


def _scopes_of(operation: Mapping[str, Any]) -> list[str]:
    """Return the scopes an operation asks for; the hooks move them to a place of their own."""
    if "x-scopes" in operation:
        return operation["x-scopes"]
    ways: list[dict[str, list[str]]] = operation["security"]
    return [scope for way in ways for scopes in way.values() for scope in scopes]


def _resident(name: str, card_id: str) -> Caller:
    return Caller(
        name=name,
        kind="resident",
        scopes=RESIDENT_SCOPES,
        client_id="demo-portal",
        step="/present-card",
        fields={"card_id": card_id, "pin": PIN},
    )


def _official(role: Role, username: str) -> Caller:
    return Caller(
        name=str(role),
        kind="official",
        scopes=OFFICIAL_SCOPES,
        client_id="demo-desk",
        role=str(role),
        step="/sign-in",
        fields={"username": username, "password": PASSWORD},
    )


CALLERS: Mapping[str, Caller] = {
    caller.name: caller
    for caller in (
        _resident("resident", "kitami-hanako"),
        _official(Role.REGISTRAR, "registrar1"),
        _official(Role.BENEFITS_OFFICER, "benefits1"),
        _official(Role.TREASURER, "treasurer1"),
        _official(Role.CLERK, "clerk1"),
        _official(Role.COUNSELLOR, "counsellor1"),
        _official(Role.ADMINISTRATOR, "administrator1"),
        _official(Role.AUDITOR, "auditor1"),
        Caller(
            name="vendor",
            kind="machine",
            scopes=("benefits:events", "benefits:read"),
            client_id="demo-vendor",
        ),
        Caller(
            name="operations", kind="machine", scopes=("registry:import",), client_id="operations"
        ),
    )
}


class Passes:
    """The access tokens of everybody, fetched when first needed and again before they expire."""

    def __init__(self, base_url: str, keys: Path, *, municipality: str = KITAMI) -> None:
        self._base_url = base_url
        self._keys = keys
        self._municipality = municipality
        self._held: dict[str, tuple[str, float]] = {}

    def token_of(self, caller: Caller) -> str:
        """Return an access token that is good for two minutes at least.

        Raises:
            NotSignedIn: the house did not let them in.
        """
        token, fetched_at = self._held.get(caller.name, ("", 0.0))
        if not token or time.monotonic() - fetched_at > _USED_FOR_S:
            with httpx.Client(base_url=self._base_url, timeout=_PATIENCE_S) as http:
                token = (
                    self._machine(http, caller)
                    if caller.kind == "machine"
                    else self._person(http, caller)
                )
            self._held[caller.name] = token, time.monotonic()
        return token

    def forget(self, caller: Caller) -> None:
        """Let a token go that the house no longer believes."""
        self._held.pop(caller.name, None)

    def _person(self, http: httpx.Client, caller: Caller) -> str:
        verifier, callback = secrets.token_urlsafe(48), f"{self._base_url}/demo/callback"
        left = _must(
            http.get(
                "/oauth/authorize",
                headers={"Tamaire-Municipality": self._municipality},
                params={
                    "response_type": "code",
                    "client_id": caller.client_id,
                    "redirect_uri": callback,
                    "scope": " ".join(caller.scopes),
                    "state": secrets.token_urlsafe(16),
                    "nonce": secrets.token_urlsafe(16),
                    "code_challenge": _challenge(verifier),
                    "code_challenge_method": "S256",
                    "identity_provider": caller.kind,
                },
            ),
            HTTPStatus.SEE_OTHER,
        ).headers["location"]
        page = _must(http.get(left), HTTPStatus.OK)
        form = FormReader.find(page.text, action_ending=caller.step)
        assert form is not None, page.text
        proven = http.post(urljoin(left, form.action), data={**form.hidden, **caller.fields})
        back = _must(
            http.get(_must(proven, HTTPStatus.SEE_OTHER).headers["location"]), HTTPStatus.SEE_OTHER
        )
        given = dict(parse_qsl(urlsplit(back.headers["location"]).query))
        return self._redeem(
            http,
            grant_type="authorization_code",
            code=given["code"],
            redirect_uri=callback,
            client_id=caller.client_id,
            code_verifier=verifier,
        )

    def _machine(self, http: httpx.Client, caller: Caller) -> str:
        now = clock.now()
        note = SigningKey.load(self._keys / f"{caller.client_id}.pem").sign(
            {
                "iss": caller.client_id,
                "sub": caller.client_id,
                "aud": f"{self._base_url}/oauth/token",
                "jti": str(new_id()),
                "iat": int(now.timestamp()),
                "exp": int((now + timedelta(seconds=60)).timestamp()),
            },
            typ="client-authentication+jwt",
        )
        return self._redeem(
            http,
            grant_type="client_credentials",
            scope=" ".join(caller.scopes),
            client_assertion_type=_ASSERTION_TYPE,
            client_assertion=note,
        )

    def _redeem(self, http: httpx.Client, **form: str) -> str:
        given = http.post(
            "/oauth/token", data=form, headers={"Tamaire-Municipality": self._municipality}
        )
        return str(_must(given, HTTPStatus.OK).json()["access_token"])


class NotSignedIn(RuntimeError):
    """A step of a sign-in went otherwise than it must."""


def _must(response: httpx.Response, status: HTTPStatus) -> httpx.Response:
    if response.status_code != status:
        place = response.request.url.path
        raise NotSignedIn(
            f"{place}: {response.status_code} instead of {status}: {response.text[:300]}"
        )
    return response


def _challenge(verifier: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
