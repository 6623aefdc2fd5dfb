"""The municipality a piece of work belongs to, as a value that is passed and never ambient."""

from dataclasses import dataclass

from foundation.identifiers import MunicipalityCode, TenantId


@dataclass(frozen=True, slots=True)
class Tenancy:
    """One tenant: the number its rows carry and the code people know it by."""

    tenant_id: TenantId
    code: MunicipalityCode
