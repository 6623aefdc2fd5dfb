"""Who acts: a resident, an official of one municipality, or a vendor's machine."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from foundation.tenancy import Tenancy


class Role(StrEnum):
    """The duties a municipality assigns to its officials."""

    REGISTRAR = "registrar"
    BENEFITS_OFFICER = "benefits_officer"
    TREASURER = "treasurer"
    CLERK = "clerk"
    COUNSELLOR = "counsellor"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


class Purpose(StrEnum):
    """Why personal data is read or written; every audit entry names one."""

    APPLICATION = "application"
    PAYMENT = "payment"
    RECEPTION = "reception"
    CONSULTATION = "consultation"
    REGISTRATION = "registration"
    STATUTORY_INQUIRY = "statutory_inquiry"
    AUDIT = "audit"
    OPERATION = "operation"
    EMERGENCY = "emergency"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resident:
    """A person signed in with a card; `resident_id` is absent until bound to the register."""

    subject: str
    client_id: str
    scopes: frozenset[str]
    acr: str
    auth_time: datetime
    session_id: str
    resident_id: UUID | None = None

    @property
    def kind(self) -> Literal["resident"]:
        return "resident"


@dataclass(frozen=True, slots=True, kw_only=True)
class Official:
    """A person signed in through their own municipality's identity provider."""

    subject: str
    client_id: str
    scopes: frozenset[str]
    roles: frozenset[Role]
    acr: str
    auth_time: datetime
    session_id: str

    @property
    def kind(self) -> Literal["official"]:
        return "official"


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A vendor's or our own system, known by its registered client."""

    client_id: str
    scopes: frozenset[str]

    @property
    def kind(self) -> Literal["machine"]:
        return "machine"

    @property
    def subject(self) -> str:
        return self.client_id


Principal = Resident | Official | Machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who acts, for which municipality, and why; the purpose may be left to the operation."""

    principal: Principal
    tenancy: Tenancy
    purpose: Purpose | None = None
