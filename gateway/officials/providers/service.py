"""What an administrator does with the directory the municipality brings, before it is used."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from foundation import clock
from foundation.database import UniqueViolation
from foundation.identifiers import new_id
from foundation.problems import Fault, InvalidInput, PreconditionFailed
from foundation.work import Work
from gateway.duties import acts
from gateway.handles import Handle, digest

from . import hands, repository, trials
from .domain import (
    ActNotPossible,
    Explanation,
    IdentityProvider,
    MappedRole,
    ProviderAct,
    ProviderState,
    explain,
)
from .enquiry import Enquiries
from .examination import Examined, Plan
from .problems import (
    IdentityProviderNotFound,
    IdentityProviderStateConflict,
    IdentityProviderUnusable,
    IssuerRegistered,
)
from .trials import Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What an administrator writes down of a provider."""

    name: str
    client_id: str
    client_secret: str | None
    plan: Plan
    mapping: tuple[MappedRole, ...] = ()


async def register(
    work: Work, enquiries: Enquiries, registration: Registration
) -> tuple[IdentityProvider, Examined]:
    """Examine a provider and keep it as a draft; with faults nothing is kept.

    Raises:
        IdentityProviderUnusable: with every fault (422).
        IssuerRegistered: this municipality has it already (409).
        ExaminationsBusy: others are being examined (503).
    """
    examined = await _examined(enquiries, registration.plan)
    provider = IdentityProvider(
        **_drawn(registration, examined),
        id=new_id(),
        state=ProviderState.DRAFT,
        drawn_by=work.principal.subject,
        written_by=frozenset({work.principal.subject}),
        changed_by=work.principal.subject,
        changed_at=clock.now(),
    )
    try:
        await repository.add(work.tx, work.cipher, provider)
    except UniqueViolation as error:
        raise IssuerRegistered from error
    await repository.map_roles(work.tx, provider.id, registration.mapping)
    await work.record(acts.REGISTER_PROVIDER.action, obj=str(provider.id))
    return provider, examined


async def change(
    work: Work, enquiries: Enquiries, provider_id: UUID, registration: Registration, *, version: int
) -> tuple[IdentityProvider, Examined]:
    """Examine and keep another draft of a provider that is not yet in use; it is tried anew.

    Raises:
        IdentityProviderNotFound: 404.
        PreconditionFailed: it changed since it was read (412).
        IdentityProviderStateConflict: it is in use, or was (409).
        IdentityProviderUnusable: with every fault (422).
    """
    provider = await held_at(work, provider_id, version=version)
    moved(provider, ProviderAct.CHANGED, work, at=clock.now())  # before anybody is asked
    examined = await _examined(enquiries, registration.plan)
    drawn = _drawn(registration, examined, provider)
    kept = hands.redrawn(provider, drawn, by=work.principal.subject, at=clock.now())
    try:
        await repository.keep(work.tx, work.cipher, kept)
    except UniqueViolation as error:
        raise IssuerRegistered from error
    await trials.forget(work.tx, provider_id)
    await work.record(acts.REGISTER_PROVIDER.action, obj=str(provider_id))
    return kept, examined


async def examine_again(
    work: Work, enquiries: Enquiries, provider_id: UUID
) -> tuple[IdentityProvider, Examined]:
    """Examine a provider as it is registered; of one not in use what was found is kept.

    The endpoints of a provider in use stay as they were when it was put to use.

    Raises:
        IdentityProviderNotFound: 404.
        IdentityProviderUnusable: with every fault (422).
    """
    provider = await held(work, provider_id)
    examined = await _examined(enquiries, plan_of(provider))
    await work.record(acts.REGISTER_PROVIDER.action, obj=str(provider_id))
    if not provider.is_in_preparation:
        return provider, examined
    found = {"endpoints": examined.endpoints, "algorithms": examined.algorithms}
    kept, has_moved = hands.examined(provider, found, at=clock.now())
    if has_moved:
        # Somebody tried other endpoints than these: the trial says nothing of them.
        await trials.forget(work.tx, provider_id)
    await repository.keep(work.tx, work.cipher, kept)
    return kept, examined


async def everyone(work: Work) -> list[IdentityProvider]:
    """Return every provider of the municipality, also those that are retired."""
    return await repository.everyone(work.tx, work.cipher)


async def read(work: Work, provider_id: UUID) -> tuple[IdentityProvider, list[MappedRole]]:
    """Return a provider and what its groups carry.

    Raises:
        IdentityProviderNotFound: 404.
    """
    provider = await repository.get(work.tx, work.cipher, provider_id)
    if provider is None:
        raise IdentityProviderNotFound
    return provider, await repository.mapping_of(work.tx, provider_id)


async def explained(work: Work, provider_id: UUID, groups: Sequence[str]) -> Explanation:
    """Say which duties somebody with these groups would have, without anything happening.

    Raises:
        IdentityProviderNotFound: 404.
    """
    _, mapping = await read(work, provider_id)
    return explain(groups, mapping)


async def ask_for_trial(work: Work, provider_id: UUID) -> tuple[Trial, str]:
    """Return a trial and the secret of its link, which is good once.

    Raises:
        IdentityProviderNotFound: 404.
        IdentityProviderStateConflict: it is in use already, or was (409).
    """
    provider = await held(work, provider_id)
    if not provider.is_in_preparation:
        raise IdentityProviderStateConflict
    handle, now = Handle.new(work.tenancy.code), clock.now()
    trial = Trial(
        id=new_id(),
        provider_id=provider_id,
        provider_version=provider.version,
        requested_by=work.principal.subject,
        created_at=now,
        expires_at=now + trials.LIFETIME,
    )
    await trials.add(work.tx, trial, link_hash=digest(handle.text))
    await work.record(acts.TRY_PROVIDER.action, obj=str(provider_id))
    return trial, handle.text


async def trials_of(work: Work, provider_id: UUID) -> tuple[list[Trial], list[MappedRole]]:
    """Return what came of each trial, and what the groups carry by now.

    Raises:
        IdentityProviderNotFound: 404.
    """
    _, mapping = await read(work, provider_id)
    return await trials.of_provider(work.tx, provider_id), mapping


def plan_of(provider: IdentityProvider) -> Plan:
    """Return what a provider was registered for."""
    return Plan(
        issuer=provider.issuer,
        client_authentication=provider.client_authentication,
        scope=provider.scope,
        acr_values=provider.acr_values,
        claims=provider.claims,
    )


async def held(work: Work, provider_id: UUID) -> IdentityProvider:
    """Return a provider that nobody else changes until this work ends.

    Raises:
        IdentityProviderNotFound: 404.
    """
    provider = await repository.get(work.tx, work.cipher, provider_id, to_change=True)
    if provider is None:
        raise IdentityProviderNotFound
    return provider


async def held_at(work: Work, provider_id: UUID, *, version: int) -> IdentityProvider:
    """Return a provider to change, as the caller has seen it.

    Raises:
        IdentityProviderNotFound: 404.
        PreconditionFailed: it changed since (412).
    """
    provider = await held(work, provider_id)
    if provider.version != version:
        raise PreconditionFailed
    return provider


def moved(
    provider: IdentityProvider, act: ProviderAct, work: Work, *, at: datetime
) -> IdentityProvider:
    """Return the provider after an act of the caller.

    Raises:
        IdentityProviderStateConflict: the act does not begin where the provider stands (409).
    """
    try:
        return provider.after(act, by=work.principal.subject, at=at)
    except ActNotPossible as error:
        raise IdentityProviderStateConflict from error


async def _examined(enquiries: Enquiries, plan: Plan) -> Examined:
    examined = await enquiries.examine(plan)
    if examined.faults:
        raise IdentityProviderUnusable.of(examined.faults)
    return examined


def _drawn(
    registration: Registration, examined: Examined, provider: IdentityProvider | None = None
) -> dict[str, Any]:
    """Return what a registration and its examination say of a provider."""
    plan, known = registration.plan, provider.client_secret if provider is not None else None
    has_secret = plan.client_authentication != "private_key_jwt"
    if has_secret and not (registration.client_secret or known):
        raise InvalidInput.of([_SECRET_MISSING])
    return {
        "name": registration.name,
        "issuer": plan.issuer,
        "client_id": registration.client_id,
        "client_authentication": plan.client_authentication,
        "client_secret": (registration.client_secret or known) if has_secret else None,
        "scope": plan.scope,
        "acr_values": plan.acr_values,
        "claims": plan.claims,
        "endpoints": examined.endpoints,
        "algorithms": examined.algorithms,
        "discovered_at": clock.now(),
    }


_SECRET_MISSING = Fault(
    pointer="/client_secret",
    detail="With this client authentication a secret is needed.",
    detail_ja="このクライアント認証方式では、client_secret が必要です。",
)
