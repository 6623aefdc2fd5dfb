"""What a vendor may register: the client metadata of RFC 7591 §2, judged as a whole.

Every fault is found at once, so that one correction suffices at ten in the evening.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, cast

from gateway.clients.domain import KIND_SCOPES

from .addresses import (
    Environment,
    Objection,
    fetched_objection,
    origin_objection,
    redirect_objection,
)
from .public_keys import MOST_ACTIVE, KeyRefused, PublicKey, read as read_key

Profile = Literal["third_party", "machine"]

_MOST_ADDRESSES: Final = 10
_DEFAULT: Final[Mapping[str, frozenset[str]]] = {
    "machine": frozenset({"benefits:read", "benefits:events", "window-dx:read"}),
    "resident": frozenset({"openid", "platform:read", "benefits:read", "registry:read"}),
    "official": frozenset({"openid", "platform:read", "benefits:read", "window-dx:read"}),
}
"""What is registered when nothing is asked for: reading only."""
NOT_SHARED: Final = frozenset({"registry:import", "registry:write", "platform:write"})
"""What would change the sandbox for everybody in it: its register, and the house around it."""


@dataclass(frozen=True, slots=True)
class RegistrationFault:
    """One thing wrong: the member, and why, in both languages."""

    member: str
    detail: str
    detail_ja: str


class RegistrationRefused(ValueError):
    """The metadata contradict themselves or our rules; `faults` holds every reason."""

    def __init__(self, faults: Sequence[RegistrationFault]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = tuple(faults)

    @property
    def is_about_addresses(self) -> bool:
        """Whether every fault is one of a redirect address, which RFC 7591 §3.2.2 tells apart."""
        return all(fault.member.startswith("/redirect_uris") for fault in self.faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The metadata as they came, of the right types; nothing in them is believed yet."""

    client_name: str
    environment: Environment
    grant_types: tuple[str, ...]
    principal_kinds: tuple[str, ...] = ()
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    backchannel_logout_uri: str | None = None
    jwks: Sequence[Mapping[str, Any]] | None = None
    jwks_uri: str | None = None
    scopes: frozenset[str] | None = None
    dpop_bound: bool = False
    par_required: bool = False
    about: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A client as it may be registered."""

    client_name: str
    environment: Environment
    profile: Profile
    kinds: frozenset[str]
    scopes: frozenset[str]
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    origins: tuple[str, ...]
    backchannel_logout_uri: str | None
    keys: tuple[PublicKey, ...]
    jwks_uri: str | None
    dpop_bound: bool
    par_required: bool
    about: Mapping[str, str]

    @property
    def grant_types(self) -> tuple[str, ...]:
        if self.profile == "machine":
            return ("client_credentials",)
        return ("authorization_code", "refresh_token")


def judge(asked: Asked) -> Registration:
    """Return the client to register.

    Raises:
        RegistrationRefused: with every fault.
    """
    faults = [
        *_grant_faults(asked),
        *_address_faults(asked),
        *_key_faults(asked),
        *_scope_faults(asked),
    ]
    if faults:
        raise RegistrationRefused(faults)
    kinds = kinds_of(asked)
    is_machine = "machine" in kinds
    return Registration(
        client_name=asked.client_name,
        environment=asked.environment,
        profile="machine" if is_machine else "third_party",
        kinds=kinds,
        scopes=_scopes(asked, kinds),
        redirect_uris=asked.redirect_uris,
        post_logout_redirect_uris=asked.post_logout_redirect_uris,
        origins=asked.origins,
        backchannel_logout_uri=asked.backchannel_logout_uri,
        keys=tuple(read_key(key) for key in asked.jwks or ()),
        jwks_uri=asked.jwks_uri,
        dpop_bound=asked.dpop_bound,
        par_required=asked.par_required and not is_machine,
        about=asked.about,
    )


def kinds_of(asked: Asked) -> frozenset[str]:
    """Return in whose name the client acts; software in front of people serves residents first."""
    if set(asked.grant_types) == {"client_credentials"}:
        return frozenset({"machine"})
    return frozenset(asked.principal_kinds or ("resident",))


def _grant_faults(asked: Asked) -> Iterator[RegistrationFault]:
    types = set(asked.grant_types)
    if types not in (
        {"client_credentials"},
        {"authorization_code"},
        {"authorization_code", "refresh_token"},
    ):
        yield RegistrationFault(
            "/grant_types",
            "Either client_credentials alone (a system), or authorization_code with or without"
            " refresh_token (in front of people). Register one client for each.",
            "client_credentials だけ(システム連携)か、authorization_code と refresh_token"
            "(画面)のどちらかです。両方が必要なときは別々に登録してください。",
        )
        return
    is_machine = types == {"client_credentials"}
    named = set(asked.principal_kinds)
    if is_machine and named not in (set[str](), {"machine"}):
        yield RegistrationFault(
            "/principal_kinds",
            "A system acts in its own name: leave this out.",
            "システム連携では指定しないでください。",
        )
    if not is_machine and not named <= {"resident", "official"}:
        yield RegistrationFault(
            "/principal_kinds",
            "Of resident and official, at least one.",
            "resident と official から選んでください。",
        )
    if is_machine == bool(asked.redirect_uris):
        yield RegistrationFault(
            "/redirect_uris",
            "Software in front of people has at least one; a system has none.",
            "画面には 1 件以上必要です。システム連携では指定しません。",
        )


def _address_faults(asked: Asked) -> Iterator[RegistrationFault]:
    environment = asked.environment
    for member in ("redirect_uris", "post_logout_redirect_uris", "origins"):
        found = cast("tuple[str, ...]", getattr(asked, member))
        if len(found) > _MOST_ADDRESSES or len(set(found)) < len(found):
            yield RegistrationFault(
                f"/{member}",
                f"At most {_MOST_ADDRESSES}, each once.",
                f"{_MOST_ADDRESSES} 件まで、重複なしで指定してください。",
            )
        judge_one = origin_objection if member == "origins" else redirect_objection
        for place, address in enumerate(found[:_MOST_ADDRESSES]):
            yield from _objection(f"/{member}/{place}", judge_one(address, environment=environment))
    for member in ("backchannel_logout_uri", "jwks_uri"):
        address = cast("str | None", getattr(asked, member))
        if address is not None:
            yield from _objection(f"/{member}", fetched_objection(address))


def _objection(member: str, found: Objection | None) -> Iterator[RegistrationFault]:
    if found is not None:
        yield RegistrationFault(member, found.detail, found.detail_ja)


def _key_faults(asked: Asked) -> Iterator[RegistrationFault]:
    if asked.jwks is not None and asked.jwks_uri is not None:
        yield RegistrationFault(
            "/jwks_uri",
            "Either jwks or jwks_uri (RFC 7591 §2).",
            "jwks と jwks_uri はどちらか一方だけです。",
        )
    keys = asked.jwks or ()
    if len(keys) > MOST_ACTIVE:
        yield RegistrationFault(
            "/jwks/keys",
            f"At most {MOST_ACTIVE} keys: the present one and its successor.",
            f"鍵は {MOST_ACTIVE} つまで(現用と次の鍵)です。",
        )
    names: set[str] = set()
    for place, key in enumerate(keys[:MOST_ACTIVE]):
        try:
            name = read_key(key).kid
        except KeyRefused as refused:
            yield RegistrationFault(f"/jwks/keys/{place}", refused.detail, refused.detail_ja)
            continue
        if name in names:
            yield RegistrationFault(
                f"/jwks/keys/{place}/kid", "Two keys of one name.", "kid が重複しています。"
            )
        names.add(name)


def _scope_faults(asked: Asked) -> Iterator[RegistrationFault]:
    kinds = kinds_of(asked) & KIND_SCOPES.keys()
    open_to = frozenset[str]().union(*(KIND_SCOPES[kind] for kind in kinds))
    if asked.environment == "sandbox":
        open_to -= NOT_SHARED
    if asked.scopes is not None and (closed := sorted(asked.scopes - open_to)):
        yield RegistrationFault(
            "/scope",
            f"Not for this kind of client, not in the sandbox that all share, or unknown:"
            f" {' '.join(closed)}. See /platform/v1/scopes.",
            f"この種類の登録や共用のサンドボックスでは使えない、または存在しない scope です:"
            f" {' '.join(closed)}。/platform/v1/scopes をご覧ください。",
        )


def _scopes(asked: Asked, kinds: frozenset[str]) -> frozenset[str]:
    if asked.scopes is not None:
        return asked.scopes
    return frozenset[str]().union(*(_DEFAULT[kind] for kind in kinds))
