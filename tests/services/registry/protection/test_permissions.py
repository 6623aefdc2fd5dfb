"""Nobody from another office keeps protections, sees them, or opens a protected address."""

from uuid import UUID

import pytest

from foundation.authorization import Denied, Permission
from foundation.identifiers import MunicipalityCode, TenantId
from foundation.identity import NEVER_LENT, Assistance, Caller, Role
from foundation.tenancy import Tenancy
from services.registry.permissions import IMPORT_REGISTER, PERMISSIONS, READ_RESIDENT
from tests.support.callers import an_official

KITAMI = Tenancy(TenantId(1), MunicipalityCode.parse("012084"))
LENT = Assistance(assistance_id=UUID(int=8), office=MunicipalityCode.parse("010006"))
PROTECTION = [row for row in PERMISSIONS if row.action.startswith("registry.protection.")]


def asks(row: Permission, assistance: Assistance | None) -> Caller:
    """Ask with every role that can be lent, and every scope."""
    caller = Caller(
        principal=an_official(*(set(Role) - NEVER_LENT), assistance=assistance),
        tenancy=KITAMI,
        purpose=row.purposes[0],
    )
    return PERMISSIONS.decide(caller, row)


@pytest.mark.parametrize("row", [*PROTECTION, IMPORT_REGISTER], ids=lambda row: row.action)
def test_is_the_municipalitys_own(row: Permission) -> None:
    with pytest.raises(Denied):
        asks(row, LENT)


@pytest.mark.parametrize(
    "row", [row for row in PROTECTION if not row.roles <= NEVER_LENT], ids=lambda row: row.action
)
def test_is_open_to_the_same_duties_at_home(row: Permission) -> None:
    assert asks(row, None).tenancy == KITAMI


def test_there_are_acts_of_protection_and_others_are_lent() -> None:
    assert len(PROTECTION) >= 6
    assert asks(READ_RESIDENT, LENT).purpose is READ_RESIDENT.purposes[0]
