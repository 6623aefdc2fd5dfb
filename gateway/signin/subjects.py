"""Who somebody is in this town, once their provider has spoken: a name of ours, and what is true.

An official's account is joined to the official, and what was given to them ahead becomes theirs.
Whoever comes for a business is joined to it. What the provider calls either is not kept.
"""

from dataclasses import dataclass

from foundation import clock
from foundation.database import Transaction
from foundation.identity.relying_party import Identification
from foundation.tenancy import Tenancy
from gateway.authorization.errors import AccessDenied
from gateway.businesses import repository as businesses
from gateway.businesses.domain import NotAnAccount, read_account
from gateway.duties import repository as duties
from gateway.duties.repository import Newcomer
from gateway.officials.providers.domain import read_statement
from gateway.state import GatewayState

from .providers import Chosen, cipher
from .repository import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What somebody is called here: `person` per account, `subject` as front ends see them."""

    kind: Kind
    tenancy: Tenancy
    person: str
    subject: str


async def of(
    door: GatewayState, work: Transaction, chosen: Chosen, found: Identification, names: Names
) -> str:
    """Write down what is true of whoever arrived and return their subject.

    Raises:
        AccessDenied: the provider vouches for them, but not as one of this town's.
        TemporarilyUnavailable: the municipality's keys are not there.
    """
    if names.kind == "official":
        return await _official(door, work, chosen, found, names)
    if names.kind == "business":
        await _business(door, work, found, names)
    return names.subject


async def _official(
    door: GatewayState, work: Transaction, chosen: Chosen, found: Identification, names: Names
) -> str:
    if chosen.provider_id is None or chosen.claims is None:
        raise AccessDenied(reason="no provider of officials")
    said = read_statement(found.claims, chosen.claims)
    if not said.is_admitted:
        raise AccessDenied("This account is not one of this municipality's.")
    newcomer = Newcomer(
        person=names.person,
        subject=names.subject,
        provider_id=chosen.provider_id,
        groups=said.groups,
        at=clock.now(),
        employee_id=said.employee_id,
        email=said.email,
        display_name=said.name,
    )
    return await duties.receive(work, cipher(door, names.tenancy), newcomer)


async def _business(
    door: GatewayState, work: Transaction, found: Identification, names: Names
) -> None:
    try:
        account = read_account(found.claims)
    except NotAnAccount as error:
        raise AccessDenied(reason="not an account of a known kind") from error
    known = businesses.Known(
        business_id=door.pseudonyms.business(account.anchor, tenant_id=names.tenancy.tenant_id),
        role=account.role,
        corporate_number=account.corporate_number,
        has_mandate=account.has_mandate,
        name=account.name,
    )
    await businesses.see(
        work,
        cipher(door, names.tenancy),
        known,
        person=names.person,
        subject=names.subject,
        at=clock.now(),
    )
