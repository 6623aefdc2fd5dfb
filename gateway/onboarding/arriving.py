"""A municipality is taken on: one code, and everything else follows from it.

Name, reading, prefecture and corporate number stand in the directory already. Its keys are made
before any row speaks of them; every other service makes its own within a second. The administrators
are named ahead, by the number or the address their directory will say when they first sign in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from foundation.database import Transaction
from foundation.encryption import Cipher
from foundation.identifiers import new_id
from foundation.identity import Role
from gateway.duties.domain import Grant, GrantState, Period
from gateway.memberships.domain import SERVICES, Act, Membership, Stage
from gateway.memberships.problems import MunicipalityHasAdministrators
from gateway.memberships.repository import Memberships
from gateway.officials.grants import repository as grants
from gateway.officials.providers.repository import administrators

from . import repository
from .moving import keeps_residents, moved, write

_BY: Final = "operations"
_ASKED_BY: Final = "municipality"
"""The municipality names its first administrators, and the operators, asked in writing, agree."""
_REASON: Final = "利用開始時の管理者"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Somebody who will be administrator once they sign in."""

    named_by: Literal["employee_id", "email"]
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """The officials' directory it begins with; a municipality brings its own later."""

    issuer: str
    client_id: str
    acr_values: str
    claims: Mapping[str, str | None]
    roles: Mapping[str, Role]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """With what a municipality begins; nothing of it is needed."""

    services: frozenset[str] = frozenset(SERVICES)
    administrators: Sequence[Named] = ()
    directory: Directory | None = None
    machines: Sequence[str] = ()


async def come_on_board(
    tx: Transaction, cipher: Cipher, code: str, arrival: Arrival, *, at: datetime
) -> tuple[Membership, bool]:
    """Take a municipality on; return where it stands, and whether anything changed.

    The request may be a repetition: what is there stays. On trial, what was forgotten is added.

    Raises:
        MembershipActRefused: it has left, or is leaving (409).
        MunicipalityHasAdministrators: they name whoever is to join them (409).
    """
    before = await Memberships(tx, code=code).held()
    if before.stage is Stage.TRIAL:
        return before, await _furnish(tx, cipher, arrival, at=at)
    if before.takes_part and before.stage is not Stage.LEAVING:
        return before, False
    after = moved(before, Act.ONBOARD, at=at)
    services = arrival.services if keeps_residents(code) else frozenset[str]()
    for service in SERVICES:
        if service not in services:
            after = after.taking(service, part=False)
    await write(tx, code, Act.ONBOARD, before=before, after=after)
    await _furnish(tx, cipher, arrival, at=at)
    return after, True


async def _furnish(tx: Transaction, cipher: Cipher, arrival: Arrival, *, at: datetime) -> bool:
    """Give it what is ordered and not there yet; return whether there was anything."""
    changed = await repository.give_leave(tx, list(arrival.machines), at=at) > 0
    if (directory := arrival.directory) is not None:
        given: dict[str, Any] = {
            "issuer": directory.issuer,
            "client_id": directory.client_id,
            "acr_values": directory.acr_values,
            "claims": {key: said for key, said in directory.claims.items() if said is not None},
            "at": at,
        }
        roles = {group: role.value for group, role in directory.roles.items()}
        changed |= await repository.add_directory(tx, given, roles, provider_id=new_id())
    return await _name(tx, cipher, arrival.administrators, at=at) or changed


async def _name(tx: Transaction, cipher: Cipher, named: Sequence[Named], *, at: datetime) -> bool:
    """Name administrators ahead, as long as the municipality has nobody who could do it.

    Raises:
        MunicipalityHasAdministrators: it has (409).
    """
    everybody = (_administrator(cipher, one, at=at) for one in named)
    wanted = {grant.name_hash: grant for grant in everybody if grant.name_hash is not None}
    there = {
        grant.name_hash
        for grant in await grants.not_over(tx, cipher, subjects=[], hashes=list(wanted), moment=at)
        if grant.role is Role.ADMINISTRATOR
    }
    missing = [grant for key, grant in wanted.items() if key not in there]
    if missing and await administrators(tx, now=at, lasting=at):
        raise MunicipalityHasAdministrators
    for grant in missing:
        await grants.add(tx, cipher, grant)
    return bool(missing)


def _administrator(cipher: Cipher, named: Named, *, at: datetime) -> Grant:
    return Grant(
        id=new_id(),
        subject=None,
        named_by=named.named_by,
        name=named.name.strip(),
        name_hash=grants.hash_of(cipher, named.named_by, named.name),
        role=Role.ADMINISTRATOR,
        period=Period(starts_at=at),
        reason=_REASON,
        state=GrantState.GRANTED,
        proposed_by=_ASKED_BY,
        proposed_at=at,
        decided_by=_BY,
        decided_at=at,
        changed_at=at,
    )
