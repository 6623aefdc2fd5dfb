"""A trial sign-in: through the provider and back like a real one, and no session at its end.

The link is good once and for fifteen minutes, and belongs to nobody: whoever opens it proves to
the provider who they are, and the administrator who asked for it reads which claims came. What
the claims said of the person is not written down, but for the groups, which are the town's own.
"""

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from foundation import clock
from foundation.database import Transaction
from foundation.encryption import Cipher, KeyUnavailable
from foundation.identity.relying_party import (
    Endpoints,
    Identification,
    Provider,
    ProviderError,
    ProviderUnreachable,
    UntrustworthyAnswer,
)
from gateway.duties.domain import employee_id_of
from gateway.duties.repository import EMPLOYEE_ID
from gateway.handles import Handle, digest
from gateway.state import GatewayState
from gateway.tenants import Municipality

from . import repository, trials
from .domain import IdentityProvider, ProviderAct, Statement, read_statement
from .examination import Finding
from .problems import TrialNotFound
from .trials import Trial

STATE_PREFIX = "trial."
"""Before the state of a trial, so that nobody looks for it among real sign-ins, or the reverse."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Where the browser goes, the state it goes with, and the cookie that ties it to this one."""

    location: str
    state: Handle
    browser: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Failed(Exception):
    """Why a trial did not succeed, for the administrator."""

    finding: Finding


async def leave(door: GatewayState, link: str | None) -> Way:
    """Use up a link and return the way to the provider.

    Raises:
        TrialNotFound: used, too old, or none of ours.
    """
    handle = Handle.parse(link)
    place = _place_of(door, handle)
    state, browser = Handle.new(place.code), secrets.token_urlsafe(32)
    async with door.database.transaction(place.tenancy) as work:
        trial = await trials.leave(
            work,
            link=digest(link or ""),
            state=state.digest,
            browser=digest(browser),
            now=clock.now(),
        )
        provider = None if trial is None else await _provider(door, work, place, trial)
    if trial is None or provider is None:
        raise TrialNotFound
    wanted = {"acr_values": provider.acr_values} if provider.acr_values else {}
    try:
        location = await door.relying_party.authorization_url(
            spoken_to(door.settings.issuer, provider),
            verifier=door.pseudonyms.verifier(STATE_PREFIX + state.text),
            nonce=door.pseudonyms.nonce(STATE_PREFIX + state.text),
            state=STATE_PREFIX + state.text,
            scope=provider.scope,
            **wanted,
        )
    except ProviderUnreachable as error:
        raise TrialNotFound("The provider does not answer.") from error
    return Way(location=location, state=state, browser=browser)


async def come_back(
    door: GatewayState, parameters: Mapping[str, str], *, browser: str | None, at: object
) -> bool:
    """Receive somebody from the provider, write the report, and return whether it succeeded.

    Raises:
        TrialNotFound: no trial of this browser has this state.
    """
    state = state_of(parameters)
    place, now = _place_of(door, state), clock.now()
    async with door.database.transaction(place.tenancy) as work:
        trial = await trials.come_back(
            work,
            state=state.digest if state else b"",
            browser=digest(browser or ""),
            now=now,
        )
        provider = None if trial is None else await _provider(door, work, place, trial)
    if trial is None or provider is None or state is None:
        raise TrialNotFound
    try:
        finished = await _succeeded(door, place, trial, provider, (state, parameters, at))
    except _Failed as failed:
        finished = replace(trial, succeeded=False, report={"fault": asdict(failed.finding)})
    finished = replace(finished, finished_at=now)
    async with door.database.transaction(place.tenancy) as work:
        if await trials.finish(work, finished) and finished.succeeded:
            await _tested(door, work, place, trial, at=now)
    return finished.succeeded is True


def state_of(parameters: Mapping[str, str]) -> Handle | None:
    """Return the state of a trial, or None when this is no answer to a trial."""
    text = parameters.get("state", "")
    return Handle.parse(text.removeprefix(STATE_PREFIX)) if is_trial(parameters) else None


def is_trial(parameters: Mapping[str, str]) -> bool:
    """Tell whether an answer is one to a trial."""
    return parameters.get("state", "").startswith(STATE_PREFIX)


def spoken_to(issuer: str, one: IdentityProvider) -> Provider:
    """Return how a municipality's own provider is spoken to.

    Args:
        issuer: our own address.
        one: the provider as registered.
    """
    return Provider(
        issuer=one.issuer,
        client_id=one.client_id,
        client_authentication=one.client_authentication,
        client_secret=one.client_secret,
        algorithms=one.algorithms,
        endpoints=None if one.endpoints is None else Endpoints(**one.endpoints),
        redirect_uri=f"{issuer}/oauth/callback/{one.id}" if one.own_callback else None,
    )


async def _succeeded(
    door: GatewayState,
    place: Municipality,
    trial: Trial,
    provider: IdentityProvider,
    answer: tuple[Handle, Mapping[str, str], object],
) -> Trial:
    found = await _identified(door, provider, *answer)
    said = read_statement(found.claims, provider.claims)
    _require_fit(said)
    cipher = door.keyring.cipher(place.tenancy.tenant_id)
    number = None
    if said.employee_id is not None:
        number = cipher.blind_index(employee_id_of(said.employee_id), field=EMPLOYEE_ID)
    return replace(
        trial,
        succeeded=True,
        person=door.pseudonyms.person(
            tenant_id=place.tenancy.tenant_id, issuer=found.issuer, subject=found.subject
        ),
        employee_hash=number,
        groups=said.groups,
        report={"claims": sorted(found.claims), "missing": list(said.missing)},
    )


async def _identified(
    door: GatewayState,
    provider: IdentityProvider,
    state: Handle,
    parameters: Mapping[str, str],
    at: object,
) -> Identification:
    named = parameters.get("iss")
    if (named is not None and named != provider.issuer) or (
        at != (provider.id if provider.own_callback else None)
    ):
        raise _Failed(_ANOTHER)
    if "code" not in parameters:
        raise _Failed(_refused(parameters.get("error", "")))
    try:
        return await door.relying_party.identify(
            spoken_to(door.settings.issuer, provider),
            code=parameters["code"],
            verifier=door.pseudonyms.verifier(STATE_PREFIX + state.text),
            nonce=door.pseudonyms.nonce(STATE_PREFIX + state.text),
            named=named,
        )
    except ProviderUnreachable as error:
        raise _Failed(_SILENT) from error
    except ProviderError as error:
        raise _Failed(_refused(error.code)) from error
    except UntrustworthyAnswer as error:
        raise _Failed(_NOT_BELIEVED) from error


def _require_fit(said: Statement) -> None:
    if not said.is_admitted:
        raise _Failed(_NOT_OURS)
    if said.has_too_many_groups:
        raise _Failed(_TOO_MANY_GROUPS)


async def _provider(
    door: GatewayState, work: Transaction, place: Municipality, trial: Trial
) -> IdentityProvider | None:
    found = await repository.get(work, _cipher(door, place), trial.provider_id)
    return found if found is not None and found.is_in_preparation else None


async def _tested(
    door: GatewayState, work: Transaction, place: Municipality, trial: Trial, *, at: datetime
) -> None:
    """Move the provider on, unless it was changed or put to use meanwhile."""
    cipher = _cipher(door, place)
    provider = await repository.get(work, cipher, trial.provider_id, to_change=True)
    if provider is not None and provider.is_in_preparation:
        moved = provider.after(ProviderAct.TESTED, by=provider.changed_by, at=at)
        await repository.keep(work, cipher, replace(moved, changed_at=provider.changed_at))


def _cipher(door: GatewayState, place: Municipality) -> Cipher:
    try:
        return door.keyring.cipher(place.tenancy.tenant_id)
    except KeyUnavailable as error:
        raise TrialNotFound from error


def _place_of(door: GatewayState, handle: Handle | None) -> Municipality:
    found = door.tenants.find(handle.code) if handle is not None else None
    if found is None or not found.takes_part:
        raise TrialNotFound
    return found


def _refused(code: str) -> Finding:
    known: Any = _REFUSALS.get(code, _REFUSED)
    return Finding(f"provider-{known[0]}", "/client_id", known[1], known[2])


_REFUSED = (
    "refused",
    "The provider refused.",
    "認証基盤がサインインを拒否しました。認証基盤の記録(ログ)で理由を確認してください。",
)
_REFUSALS: Mapping[str, tuple[str, str, str]] = {
    "access_denied": (
        "access-denied",
        "The person turned back, or the provider does not let them use this application.",
        (
            "操作が取り消されたか、この職員に利用が許可されていません。認証基盤で、このアプリケー"
            "ションへの割当てを確認してください。"
        ),
    ),
    "invalid_client": (
        "invalid-client",
        "The provider does not believe our client authentication.",
        (
            "認証基盤が当方を確認できません。client_id と、client_secret または公開鍵"
            "(client_jwks_uri)の登録を確認してください。"
        ),
    ),
    "invalid_grant": (
        "invalid-grant",
        "The provider does not accept the code.",
        (
            "認証基盤が認可コードを受け付けません。戻り先アドレス(redirect_uri)の登録を確認して"
            "ください。"
        ),
    ),
    "invalid_scope": (
        "invalid-scope",
        "The provider does not know one of the scopes.",
        "scope に、認証基盤が認めていないものがあります。",
    ),
}
_ANOTHER = Finding(
    "another-issuer",
    "/issuer",
    "The answer came in the name of another issuer.",
    "別の発行者からの応答が届きました。redirect_uri の登録が、ほかの認証基盤と混ざっていないか"
    "確認してください。",
)
_SILENT = Finding(
    "provider-silent",
    "/issuer",
    "The provider did not answer, or not with tokens and userinfo.",
    "認証基盤から応答がありません。トークンとユーザー情報のアドレスに外部から接続できるか確認して"
    "ください。",
)
_NOT_BELIEVED = Finding(
    "not-believed",
    "/issuer",
    "The ID token is not what this provider says to us about this sign-in.",
    "ID トークンを確認できませんでした。署名方式、issuer、時刻のずれ(30秒以内)を確認してください。",
)
_NOT_OURS = Finding(
    "not-admitted",
    "/claims/required_claim",
    "The required claim is missing or has another value.",
    "required_claim の値が届かないか、指定と一致しません。自団体のアカウントでサインインしたか"
    "確認してください。",
)
_TOO_MANY_GROUPS = Finding(
    "too-many-groups",
    "/claims/groups",
    "The directory leaves the groups out, because there are too many.",
    "グループが多すぎるため、認証基盤が一覧を省略しました。このアプリケーションに割り当てた"
    "グループだけを送る設定にしてください。",
)
