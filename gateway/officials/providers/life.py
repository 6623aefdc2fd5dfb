"""A provider put to use, its groups' duties changed, and its end: never so that nobody gets in."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from foundation import clock
from foundation.database import Transaction
from foundation.encryption import Cipher
from foundation.identity import Role
from foundation.work import Work
from gateway.authorization.service import end
from gateway.duties import acts
from gateway.duties.domain import LEAST_ADMINISTRATORS

from . import hands, repository, trials
from .domain import ActNotPossible, IdentityProvider, MappedRole, ProviderAct, ProviderState
from .examination import Finding
from .problems import (
    IdentityProviderNotReady,
    IdentityProviderStateConflict,
    LastWayIn,
    SecondAdministratorRequired,
    SensitiveRolesFixed,
)
from .readiness import obstacles
from .service import held_at, moved

RETIREMENT = "platform.identity-provider.retirement"
"""The kind of the job that ends a provider at its appointed time."""

_LASTING = timedelta(days=30)
"""An administrator whose duty ends sooner does not count as somebody who can still get in."""

_BECAUSE = "identity-provider-retired"


async def map_roles(
    work: Work, provider_id: UUID, mapping: Sequence[MappedRole], *, version: int
) -> tuple[IdentityProvider, list[MappedRole]]:
    """Say which group carries which duty.

    Of a provider in use, no group is newly given a sensitive duty: its members change without us,
    and one administrator could make treasurers of anybody.

    Raises:
        IdentityProviderNotFound: 404.
        PreconditionFailed: it changed since it was read (412).
        IdentityProviderStateConflict: it is retired (409).
        SensitiveRolesFixed: a group would be given a sensitive duty (409).
        LastWayIn: fewer than two administrators would be left (409).
    """
    provider = await held_at(work, provider_id, version=version)
    if provider.state is ProviderState.RETIRED:
        raise IdentityProviderStateConflict
    before = await repository.mapping_of(work.tx, provider_id)
    caller, now = work.principal.subject, clock.now()
    try:
        changed = hands.mapped(provider, before, mapping, by=caller, at=now)
    except hands.SensitiveDutyAdded as error:
        raise SensitiveRolesFixed from error
    if not provider.is_in_preparation:
        lost = [
            (provider_id, one.group)
            for one in set(before) - set(mapping)
            if one.role is Role.ADMINISTRATOR
        ]
        if lost:
            await require_way_in(work, without_groups=lost)
    await repository.map_roles(work.tx, provider_id, mapping)
    await repository.keep(work.tx, work.cipher, changed)
    if not provider.is_in_preparation and set(before) - set(mapping):
        # What a group no longer carries must not live on in a token.
        await end_sessions(work.tx, provider_id, because="roles-changed")
    await work.record(acts.MAP_ROLES.action, obj=str(provider_id))
    return changed, await repository.mapping_of(work.tx, provider_id)


async def activate(work: Work, provider_id: UUID, *, version: int) -> IdentityProvider:
    """Put a provider to use.

    Where another administrator could look at it, one must who wrote nothing of it: whoever chooses
    a directory, or its groups' duties, could be anybody in it.

    Raises:
        IdentityProviderNotFound: 404.
        PreconditionFailed: it changed since it was read (412).
        IdentityProviderStateConflict: it is not a draft, or in use already (409).
        IdentityProviderNotReady: with everything that is missing (409).
        SecondAdministratorRequired: a colleague must do it (403).
    """
    provider = await held_at(work, provider_id, version=version)
    if not provider.is_in_preparation:
        raise IdentityProviderStateConflict
    if missing := await missing_for(work, provider):
        raise IdentityProviderNotReady.of(missing)
    now, caller = clock.now(), work.principal.subject
    administrators = await repository.administrators(work.tx, now=now, lasting=now)
    try:
        active = hands.activated(provider, by=caller, administrators=administrators, at=now)
    except hands.NotByWhoWroteIt as error:
        raise SecondAdministratorRequired from error
    except ActNotPossible as error:
        raise IdentityProviderStateConflict from error
    await repository.keep(work.tx, work.cipher, active)
    await work.record(acts.ACTIVATE_PROVIDER.action, obj=str(provider_id))
    return active


async def missing_for(work: Work, provider: IdentityProvider) -> list[Finding]:
    """Return what is still missing before a provider can be put to use."""
    now, tried = clock.now(), await trials.of_provider(work.tx, provider.id)
    names = [trial.employee_hash for trial in tried if trial.employee_hash is not None]
    return obstacles(
        provider,
        mapping=await repository.mapping_of(work.tx, provider.id),
        tried=tried,
        ahead=await repository.ahead(work.tx, names, now=now),
        others=await repository.active(work.tx, work.cipher),
        now=now,
    )


async def retire(
    work: Work, provider_id: UUID, *, at: datetime | None, version: int
) -> IdentityProvider:
    """End a provider: now, or at an appointed time until which its sessions go on.

    Raises:
        IdentityProviderNotFound: 404.
        PreconditionFailed: it changed since it was read (412).
        IdentityProviderStateConflict: it is retired (409).
        LastWayIn: fewer than two administrators could sign in another way (409).
    """
    provider, now = await held_at(work, provider_id, version=version), clock.now()
    if provider.is_in_preparation:
        gone = moved(provider, ProviderAct.DISCARDED, work, at=now)
        await trials.forget(work.tx, provider_id)
    else:
        await require_way_in(work, without_provider=provider_id)
        gone = provider
        if provider.state is ProviderState.ACTIVE:
            gone = replace(
                moved(provider, ProviderAct.RETIREMENT_BEGUN, work, at=now), retire_at=at or now
            )
        if gone.state is not ProviderState.RETIRING:
            raise IdentityProviderStateConflict
        if at is None or at <= now:
            gone = moved(gone, ProviderAct.RETIRED, work, at=now)
            await end_sessions(work.tx, provider_id, because=_BECAUSE)
        else:
            gone = replace(gone, retire_at=at)
            await work.enqueue(RETIREMENT, {"provider_id": str(provider_id)}, available_at=at)
    await repository.keep(work.tx, work.cipher, gone)
    await work.record(acts.RETIRE_PROVIDER.action, obj=str(provider_id))
    return gone


async def keep(work: Work, provider_id: UUID, *, version: int) -> IdentityProvider:
    """Keep a provider that was to be retired.

    Raises:
        IdentityProviderNotFound: 404.
        PreconditionFailed: it changed since it was read (412).
        IdentityProviderStateConflict: it is not about to be retired (409).
    """
    provider = await held_at(work, provider_id, version=version)
    kept = moved(provider, ProviderAct.KEPT, work, at=clock.now())
    await repository.keep(work.tx, work.cipher, kept)
    await work.record(acts.RETIRE_PROVIDER.action, obj=str(provider_id))
    return kept


async def require_way_in(
    work: Work,
    *,
    without_provider: UUID | None = None,
    without_grant: UUID | None = None,
    without_groups: Sequence[tuple[UUID, str]] = (),
) -> None:
    """Refuse what would lock the municipality out.

    What takes administrator from nobody is not refused, except the end of a whole provider.

    Raises:
        LastWayIn: administrators would be lost, and fewer than two left.
    """
    now = clock.now()
    gone = {
        name: value
        for name, value in (
            ("without_provider", without_provider),
            ("without_grant", without_grant),
        )
        if value is not None
    }
    left = await repository.administrators(
        work.tx, now=now, lasting=now + _LASTING, without_groups=without_groups, **gone
    )
    before = await repository.administrators(work.tx, now=now, lasting=now + _LASTING)
    if len(left) < LEAST_ADMINISTRATORS and (without_provider is not None or left != before):
        raise LastWayIn


async def complete_retirement(work: Transaction, cipher: Cipher, provider_id: UUID) -> None:
    """End a provider whose time has come, unless it was kept or given another time meanwhile.

    If by now too few administrators could get in another way, it goes on until somebody ends it
    by hand: a date written down weeks ago is no reason to lock a town hall out.
    """
    now = clock.now()
    provider = await repository.get(work, cipher, provider_id, to_change=True)
    if provider is None or provider.state is not ProviderState.RETIRING:
        return
    if provider.retire_at is None or provider.retire_at > now:
        return
    left = await repository.administrators(
        work, now=now, lasting=now + _LASTING, without_provider=provider_id
    )
    if len(left) < LEAST_ADMINISTRATORS:
        return
    gone = provider.after(ProviderAct.RETIRED, by=provider.changed_by, at=now)
    await repository.keep(work, cipher, gone)
    await end_sessions(work, provider_id, because=_BECAUSE)


async def end_sessions(work: Transaction, provider_id: UUID, *, because: str) -> int:
    """End every session that began with a provider, at every gateway within a second."""
    found = await repository.open_sessions(work, provider_id, now=clock.now())
    return sum([await end(work, session_id, because=because) for session_id in found])
