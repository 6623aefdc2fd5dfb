"""Who acts, and for whom: a resident, an official, somebody for a business, or a machine."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from foundation.identifiers import MunicipalityCode
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


RepresentationKind = Literal["legal", "voluntary", "facility"]
"""法定代理人, 任意代理人 or 施設職員: by what right somebody acts for another."""

BusinessRole = Literal["prime", "member", "entry"]
"""What a GビズID account is: the representative's own, a colleague's, or one nobody vouched for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Representation:
    """The right by which a person acts for another, as an official of the town recorded it.

    `may_receive` is said in so many words or not at all: to apply for somebody is not yet to
    have their money paid into an account that is not theirs (受領の代理).
    """

    representation_id: UUID
    represented_id: UUID
    kind: RepresentationKind
    may_receive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Resident:
    """A person signed in with a card; `resident_id` is absent until bound to the register.

    With a `representation` the person acts for another: `resident_id` is then the represented
    person, so that whoever asks for "my own" gets that person's, while `subject`, `acr` and
    `auth_time` remain those of the person who acts.
    """

    subject: str
    client_id: str
    scopes: frozenset[str]
    acr: str
    auth_time: datetime
    session_id: str
    resident_id: UUID | None = None
    representation: Representation | None = None

    def __post_init__(self) -> None:
        """Refuse to be somebody acting for one person with another's record in hand.

        Raises:
            ValueError: `resident_id` is not the represented person.
        """
        if self.representation and self.representation.represented_id != self.resident_id:
            raise ValueError("Who is represented and whose record it is must be the same.")

    @property
    def kind(self) -> Literal["resident"]:
        return "resident"


NEVER_LENT = frozenset({Role.ADMINISTRATOR, Role.TREASURER, Role.AUDITOR})
"""What an office keeps to its own people: who may do what, the till, and the eye on both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assistance:
    """The consent by which an official of one office acts in another, as that other recorded it.

    `office` is the official's own: where they signed in, and where their sign-in ends.
    """

    assistance_id: UUID
    office: MunicipalityCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Official:
    """A person signed in through their own municipality's identity provider.

    With an `assistance` they act in a municipality that is not theirs; `subject` and `session_id`
    are then those of their own office.
    """

    subject: str
    client_id: str
    scopes: frozenset[str]
    roles: frozenset[Role]
    acr: str
    auth_time: datetime
    session_id: str
    assistance: Assistance | None = None

    def __post_init__(self) -> None:
        """Refuse to be somebody from elsewhere with a duty that no office lends.

        Raises:
            ValueError: one of the roles is never lent.
        """
        if self.assistance is not None and not self.roles.isdisjoint(NEVER_LENT):
            raise ValueError("This duty is only for the municipality's own officials.")

    @property
    def kind(self) -> Literal["official"]:
        return "official"


@dataclass(frozen=True, slots=True, kw_only=True)
class Business:
    """A person signed in for a business; `business_id` is a pseudonym of this town alone."""

    subject: str
    client_id: str
    scopes: frozenset[str]
    acr: str
    auth_time: datetime
    session_id: str
    business_id: str
    role: BusinessRole

    @property
    def kind(self) -> Literal["business"]:
        return "business"


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


Person = Resident | Official | Business
"""Who signed in, and when, and how surely; a machine proves itself anew with every token."""

Principal = Person | Machine


def name_of(principal: Principal) -> str:
    """Return the name a principal's deeds are kept under, such as `official:k3Jx`.

    Somebody who acts for another has a name for that: what they did for one person must never be
    taken for something they did for themselves, or for a third.
    """
    name = f"{principal.kind}:{principal.subject}"
    match principal:
        case Resident(representation=Representation(representation_id=right)):
            return f"{name}:{right}"
        case Official(assistance=Assistance(assistance_id=consent)):
            return f"{name}:{consent}"
        case _:
            return name


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who acts, for which municipality, and why; the purpose may be left to the operation."""

    principal: Principal
    tenancy: Tenancy
    purpose: Purpose | None = None
