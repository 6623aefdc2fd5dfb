"""A municipality's own providers over HTTP."""

from dataclasses import dataclass
from typing import Annotated, Protocol, cast
from uuid import UUID

from fastapi import Depends
from starlette.requests import Request

from foundation.web import LIST_BODY_BYTES, CurrentWork, IfMatch, Listing, OfficeRouter
from foundation.work import Work
from gateway.duties import acts

from . import life, service
from .domain import IdentityProvider
from .enquiry import Enquiries
from .examination import Examined
from .problems import (
    ExaminationsBusy,
    IdentityProviderNotFound,
    IdentityProviderNotReady,
    IdentityProviderStateConflict,
    IdentityProviderUnusable,
    IssuerRegistered,
    LastWayIn,
    SecondAdministratorRequired,
    SensitiveRolesFixed,
)
from .schemas import (
    ExplanationRead,
    GroupsGiven,
    ProviderRead,
    ProviderRegister,
    ProviderSummary,
    Retire,
    RolesSet,
    TrialLink,
    TrialRead,
)

router = OfficeRouter(prefix="/identity-providers", tags=["identity-providers"])


class _Told(Protocol):
    """What is read here of what the office was told."""

    environment: str
    issuer: str


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where the house is reached, and the office's way to others' machines."""

    issuer: str
    enquiries: Enquiries


def surroundings(request: Request) -> Surroundings:
    """Return the office's surroundings; the way out is made once."""
    state = request.app.state
    settings = cast("_Told", state.office.settings)
    if getattr(state, "enquiries", None) is None:
        plain = settings.environment == "development"
        state.enquiries = Enquiries.on_the_network(plain_allowed=plain)
    return Surroundings(settings.issuer, state.enquiries)


Around = Annotated[Surroundings, Depends(surroundings)]
_EXAMINED = [IdentityProviderUnusable, ExaminationsBusy]


@router.post(
    "",
    permission=acts.REGISTER_PROVIDER,
    problems=[*_EXAMINED, IssuerRegistered],
    max_body_bytes=LIST_BODY_BYTES,
    status_code=201,
    summary="職員の認証基盤を登録する(設定を確認し、下書きにする)",
)
async def register_identity_provider(
    work: CurrentWork, around: Around, body: ProviderRegister
) -> ProviderRead:
    """Examine a provider and keep it as a draft; nobody signs in with it yet.

    With faults, all of them are listed at once and nothing is kept.
    """
    provider, examined = await service.register(work, around.enquiries, body.registration())
    return await _told(work, around, provider, examined)


@router.get("", permission=acts.READ_PROVIDERS, summary="職員の認証基盤の一覧を見る")
async def list_identity_providers(work: CurrentWork) -> Listing[ProviderSummary]:
    """List every provider of the municipality, the last registered first."""
    found = await service.everyone(work)
    return Listing[ProviderSummary](items=[ProviderSummary.of(one) for one in found])


@router.get(
    "/{provider_id}",
    permission=acts.READ_PROVIDERS,
    problems=[IdentityProviderNotFound],
    summary="職員の認証基盤を見る",
)
async def read_identity_provider(
    work: CurrentWork, around: Around, provider_id: UUID
) -> ProviderRead:
    """Read a provider, what its groups carry, and what is still missing."""
    provider, _ = await service.read(work, provider_id)
    return await _told(work, around, provider)


@router.put(
    "/{provider_id}",
    permission=acts.REGISTER_PROVIDER,
    problems=[
        *_EXAMINED,
        IssuerRegistered,
        IdentityProviderNotFound,
        IdentityProviderStateConflict,
    ],
    summary="利用開始前の認証基盤の登録内容を変える",
    max_body_bytes=LIST_BODY_BYTES,
)
async def change_identity_provider(
    work: CurrentWork,
    around: Around,
    provider_id: UUID,
    body: ProviderRegister,
    version: IfMatch,
) -> ProviderRead:
    """Write a draft anew; it is examined again, and has to be tried again."""
    provider, examined = await service.change(
        work, around.enquiries, provider_id, body.registration(), version=version
    )
    return await _told(work, around, provider, examined)


@router.post(
    "/{provider_id}/examination",
    permission=acts.REGISTER_PROVIDER,
    problems=[*_EXAMINED, IdentityProviderNotFound, IdentityProviderStateConflict],
    summary="認証基盤の設定を確認し直す",
)
async def examine_identity_provider(
    work: CurrentWork, around: Around, provider_id: UUID
) -> ProviderRead:
    """Examine a provider again as it is registered."""
    provider, examined = await service.examine_again(work, around.enquiries, provider_id)
    return await _told(work, around, provider, examined)


@router.put(
    "/{provider_id}/roles",
    permission=acts.MAP_ROLES,
    problems=[
        IdentityProviderNotFound,
        IdentityProviderStateConflict,
        SensitiveRolesFixed,
        LastWayIn,
    ],
    summary="どのグループがどの役割を持つかを定める",
    max_body_bytes=LIST_BODY_BYTES,
)
async def map_identity_provider_roles(
    work: CurrentWork, around: Around, provider_id: UUID, body: RolesSet, version: IfMatch
) -> ProviderRead:
    """Replace the whole table of groups and duties."""
    provider, _ = await life.map_roles(
        work, provider_id, [one.mapped() for one in body.roles], version=version
    )
    return await _told(work, around, provider)


@router.post(
    "/{provider_id}/explanation",
    permission=acts.READ_PROVIDERS,
    problems=[IdentityProviderNotFound],
    idempotent_post=False,
    summary="グループから決まる役割を試算する",
    max_body_bytes=LIST_BODY_BYTES,
)
async def explain_identity_provider_roles(
    work: CurrentWork, provider_id: UUID, body: GroupsGiven
) -> ExplanationRead:
    """Say which duties somebody with these groups would have; nothing happens."""
    return ExplanationRead.of(await service.explained(work, provider_id, body.groups))


@router.post(
    "/{provider_id}/trials",
    permission=acts.TRY_PROVIDER,
    problems=[IdentityProviderNotFound, IdentityProviderStateConflict],
    status_code=201,
    summary="テストサインインのリンクを発行する",
)
async def ask_for_identity_provider_trial(
    work: CurrentWork, around: Around, provider_id: UUID
) -> TrialLink:
    """Give out a link for one trial sign-in; whoever opens it is not signed in by it."""
    trial, secret = await service.ask_for_trial(work, provider_id)
    return TrialLink(
        id=trial.id,
        link=f"{around.issuer}/oauth/trial?link={secret}",
        expires_at=trial.expires_at,
    )


@router.get(
    "/{provider_id}/trials",
    permission=acts.READ_PROVIDERS,
    problems=[IdentityProviderNotFound],
    summary="テストサインインの結果を見る",
)
async def list_identity_provider_trials(work: CurrentWork, provider_id: UUID) -> Listing[TrialRead]:
    """List what came of each trial, and which duties would follow by the present table."""
    found, mapping = await service.trials_of(work, provider_id)
    return Listing[TrialRead](items=[TrialRead.of(one, mapping) for one in found])


@router.post(
    "/{provider_id}/activation",
    permission=acts.ACTIVATE_PROVIDER,
    problems=[
        IdentityProviderNotFound,
        IdentityProviderStateConflict,
        IdentityProviderNotReady,
        SecondAdministratorRequired,
    ],
    summary="認証基盤の利用を開始する",
)
async def activate_identity_provider(
    work: CurrentWork, around: Around, provider_id: UUID, version: IfMatch
) -> ProviderRead:
    """Put a provider to use; from now on officials can sign in with it."""
    return await _told(work, around, await life.activate(work, provider_id, version=version))


@router.post(
    "/{provider_id}/retirement",
    permission=acts.RETIRE_PROVIDER,
    problems=[IdentityProviderNotFound, IdentityProviderStateConflict, LastWayIn],
    summary="認証基盤の利用を終了する",
)
async def retire_identity_provider(
    work: CurrentWork, around: Around, provider_id: UUID, body: Retire, version: IfMatch
) -> ProviderRead:
    """End a provider, at once or at an appointed time; a draft is thrown away."""
    provider = await life.retire(work, provider_id, at=body.retire_at, version=version)
    return await _told(work, around, provider)


@router.delete(
    "/{provider_id}/retirement",
    permission=acts.RETIRE_PROVIDER,
    problems=[IdentityProviderNotFound, IdentityProviderStateConflict],
    summary="認証基盤の終了を取りやめる",
)
async def keep_identity_provider(
    work: CurrentWork, around: Around, provider_id: UUID, version: IfMatch
) -> ProviderRead:
    """Keep a provider that was to end."""
    return await _told(work, around, await life.keep(work, provider_id, version=version))


async def _told(
    work: Work, around: Surroundings, provider: IdentityProvider, examined: Examined | None = None
) -> ProviderRead:
    _, mapping = await service.read(work, provider.id)
    missing = await life.missing_for(work, provider) if provider.is_in_preparation else []
    return ProviderRead.told(provider, mapping, missing, issuer=around.issuer, examined=examined)
