"""How people sign in: the browser's steps, with the form as the page gives it, and PKCE.

Source: OAuth 2.1 §4.1, RFC 7636 (PKCE), RFC 9207 (issuer in the answer).
"""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http import HTTPStatus
from urllib.parse import parse_qsl, urljoin, urlsplit

from typing_extensions import override

from foundation.identifiers import SANDBOX
from operations.population.simulator import PASSWORD, PIN
from operations.seeding.clients import OFFICIAL_SCOPES, RESIDENT_SCOPES

from .players import Player
from .stage import Answer, Call, Stage

_LONGEST_TOKEN_LIFE_S = 600
_CALLBACK = "/demo/callback"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who signs in, through which front end, and what they do at the provider's page."""

    who: str
    municipality: str
    client_id: str
    provider: str
    scopes: tuple[str, ...]
    step: str
    """How the address of the page's form ends."""
    fields: Mapping[str, str] = field(repr=False)
    deed: str
    """The same, as a sentence."""


def resident(who: str, card_id: str, municipality: str) -> Identity:
    """Return a resident who presents a virtual My Number Card."""
    return Identity(
        who=who,
        municipality=municipality,
        client_id="sandbox-portal" if municipality == SANDBOX else "demo-portal",
        provider="resident",
        scopes=RESIDENT_SCOPES,
        step="/present-card",
        fields={"card_id": card_id, "pin": PIN},
        deed="仮想マイナンバーカードをかざし、暗証番号を入れました",
    )


def official(who: str, username: str, municipality: str, *, scopes: str) -> Identity:
    """Return an official who signs in at their office; `scopes` is what the work needs."""
    asked = tuple(scopes.split())
    if unknown := set(asked) - set(OFFICIAL_SCOPES):
        raise ValueError(f"no scope of an official: {sorted(unknown)}")
    return Identity(
        who=who,
        municipality=municipality,
        client_id="sandbox-desk" if municipality == SANDBOX else "demo-desk",
        provider="official",
        scopes=("openid", "platform:read", *asked),
        step="/sign-in",
        fields={"username": username, "password": PASSWORD},
        deed="庁内の認証でサインインしました",
    )


async def sign_in(stage: Stage, identity: Identity) -> Player:
    """Take somebody from the front end to the provider and back, and give them their token.

    Raises:
        Unexpected: a step of it went otherwise.
    """
    verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
    left = await _leave(stage, identity, verifier=verifier, state=state)
    proven = await _prove(stage, identity, left)
    code = await _return(stage, identity, proven, state=state)
    token = await _redeem(stage, identity, code, verifier=verifier)
    player = Player(stage, identity.who, municipality=identity.municipality, token=token)
    me = await player.get("/platform/v1/me")
    me.must("利用者の種類", be=identity.provider, found=me["kind"])
    me.must("自治体", be=identity.municipality, found=me["municipality"]["code"])
    if identity.provider == "resident":
        me.must("住民登録との照合", be="bound", found=me["binding"])
    player.subject = str(me["subject"])
    role = "・".join(me["roles"]) or "住民登録と照合ずみ"
    me.tell(f"{me['municipality']['name']}の利用者として認められました({role})", is_aside=True)
    return player


async def _leave(stage: Stage, identity: Identity, *, verifier: str, state: str) -> Answer:
    challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
    left = await stage.make(
        Call(
            who=identity.who,
            method="GET",
            url="/oauth/authorize",
            expect=HTTPStatus.SEE_OTHER,
            headers={"Tamaire-Municipality": identity.municipality},
            params={
                "response_type": "code",
                "client_id": identity.client_id,
                "redirect_uri": f"{stage.base_url}{_CALLBACK}",
                "scope": " ".join(identity.scopes),
                "state": state,
                "nonce": secrets.token_urlsafe(24),
                "code_challenge": challenge.decode(),
                "code_challenge_method": "S256",
                "identity_provider": identity.provider,
            },
        )
    )
    left.tell("入口が本人確認の画面へ案内しました", is_aside=True)
    return left


async def _prove(stage: Stage, identity: Identity, left: Answer) -> Answer:
    """Open the provider's page, fill in its form as it is, and send it."""
    address = left.response.headers["location"]
    page = await stage.make(Call(who=identity.who, method="GET", url=address, expect=HTTPStatus.OK))
    form = FormReader.find(page.response.text, action_ending=identity.step)
    if form is None:
        raise page.unexpected(f"{identity.step} への入力欄", "入力欄のない画面")
    page.tell("本人確認の画面を開きました", is_aside=True)
    proven = await stage.make(
        Call(
            who=identity.who,
            method="POST",
            url=urljoin(address, form.action),
            expect=HTTPStatus.SEE_OTHER,
            form={**form.hidden, **identity.fields},
        )
    )
    proven.tell(identity.deed, is_aside=True)
    return proven


async def _return(stage: Stage, identity: Identity, proven: Answer, *, state: str) -> str:
    """Follow the way back through the gateway to the front end, and return the code it is given."""
    back = await stage.make(
        Call(
            who=identity.who,
            method="GET",
            url=proven.response.headers["location"],
            expect=HTTPStatus.SEE_OTHER,
        )
    )
    location = back.response.headers["location"]
    given = dict(parse_qsl(urlsplit(location).query))
    back.must("戻り先", be=f"{stage.base_url}{_CALLBACK}", found=location.partition("?")[0])
    back.must_hold("認可コード", holds="code" in given, found=given.get("error", "なし"))
    back.must("state", be=True, found=secrets.compare_digest(given.get("state", ""), state))
    back.must("発行者", be=stage.base_url, found=given.get("iss"))
    back.tell("本人確認の結果を入口が確かめ、認可コードを渡しました", is_aside=True)
    return given["code"]


async def _redeem(stage: Stage, identity: Identity, code: str, *, verifier: str) -> str:
    tokens = await stage.make(
        Call(
            who=identity.who,
            method="POST",
            url="/oauth/token",
            expect=HTTPStatus.OK,
            form={
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": f"{stage.base_url}{_CALLBACK}",
                "client_id": identity.client_id,
                "code_verifier": verifier,
            },
        )
    )
    life = tokens["expires_in"]
    tokens.must_hold("10分以内のトークン", holds=0 < life <= _LONGEST_TOKEN_LIFE_S, found=life)
    missing = set(identity.scopes) - set(str(tokens["scope"]).split())
    tokens.must("与えられなかった権限", be=set[str](), found=missing)
    tokens.tell(f"アクセストークンを受け取りました(有効 {life} 秒)", is_aside=True)
    return str(tokens["access_token"])


class FormReader(HTMLParser):
    """Reads the forms of a page: where each goes, and the hidden fields that go with it."""

    @dataclass(slots=True)
    class Form:
        """One form."""

        action: str
        hidden: dict[str, str] = field(default_factory=dict[str, str])

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[FormReader.Form] = []

    @classmethod
    def find(cls, html: str, *, action_ending: str) -> "FormReader.Form | None":
        """Return the form whose address ends so, None if the page has no such form."""
        reader = cls()
        reader.feed(html)
        reader.close()
        return next((form for form in reader.forms if form.action.endswith(action_ending)), None)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(FormReader.Form(given.get("action", "")))
        elif tag == "input" and given.get("type") == "hidden" and self.forms:
            self.forms[-1].hidden[given.get("name", "")] = given.get("value", "")
