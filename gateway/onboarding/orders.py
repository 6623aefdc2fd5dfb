"""What the platform's operators order, on the wire."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, ConfigDict, Field, model_validator

from foundation.identity import Role
from foundation.web import Line, Version, Wire
from gateway.memberships.domain import Act, Membership, Stage
from gateway.switches.schemas import PlaceName
from gateway.tenants import Municipality

from .arriving import Arrival, Directory, Named
from .schemas import WordsShape

ServiceName = Literal[
    PlaceName.REGISTRY, PlaceName.BENEFITS, PlaceName.WINDOW_DX, PlaceName.CONSULTATION
]
OperatorsAct = Literal[Act.PAUSE, Act.RESUME, Act.LEAVE, Act.STAY, Act.CLOSE]
_ALL: list[ServiceName] = [
    PlaceName.REGISTRY,
    PlaceName.BENEFITS,
    PlaceName.WINDOW_DX,
    PlaceName.CONSULTATION,
]


class AdministratorShape(Wire):
    """Somebody who is administrator from their first sign-in; one of the two names them."""

    employee_id: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    email: Annotated[str, Field(pattern=r"^[^@\s]{1,64}@[^@\s]{1,190}$")] | None = None

    @model_validator(mode="after")
    def _one_name(self) -> "AdministratorShape":
        if (self.employee_id is None) == (self.email is None):
            raise ValueError("one of employee_id and email")
        return self

    def named(self) -> Named:
        if self.email is not None:
            return Named(named_by="email", name=self.email)
        return Named(named_by="employee_id", name=self.employee_id or "")


class DirectoryShape(Wire):
    """The officials' directory to begin with: its claims, and which group carries which duty."""

    issuer: Annotated[str, Field(pattern=r"^https?://[^\s]{1,400}$")]
    client_id: Annotated[str, Field(min_length=1, max_length=200)]
    acr_values: Annotated[str, Field(max_length=200)] = ""
    groups: str = "groups"
    employee_id: str = "preferred_username"
    email: str | None = None
    name: str = "name"
    roles: dict[str, Role] = Field(default_factory=dict[str, Role])

    def directory(self) -> Directory:
        return Directory(
            issuer=self.issuer,
            client_id=self.client_id,
            acr_values=self.acr_values,
            claims={
                "groups": self.groups,
                "employee_id": self.employee_id,
                "email": self.email,
                "name": self.name,
            },
            roles=self.roles,
        )


class OnboardingOrder(Wire):
    """With what a municipality begins. An empty order is a whole one."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"administrators": [{"email": "joho@city.minato.example"}]}]
        }
    )

    services: list[ServiceName] = Field(default_factory=_ALL.copy)
    administrators: Annotated[list[AdministratorShape], Field(max_length=10)] = Field(
        default_factory=list[AdministratorShape]
    )
    directory: DirectoryShape | None = None
    machines: Annotated[list[str], Field(max_length=10)] = Field(default_factory=list[str])
    """はじめから利用を許す、基盤自身の機械クライアント。"""

    def arrival(self) -> Arrival:
        return Arrival(
            services=frozenset(PlaceName(one).place for one in self.services),
            administrators=[one.named() for one in self.administrators],
            directory=None if self.directory is None else self.directory.directory(),
            machines=self.machines,
        )


class OperatorsOrder(Wire):
    """What operators do to a municipality; going live is its own administrators' to decide."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"act": "resume", "reason": "復旧したため"}]}
    )

    act: OperatorsAct
    reason: Line
    notice: WordsShape | None = None


class OnBoardRead(Wire):
    """A municipality as it stands; what is derived from its code, and how far it has come."""

    code: str
    name: str
    name_kana: str
    prefecture_name: str
    corporate_number: str | None
    state: Stage
    since: AwareDatetime | None
    services: list[PlaceName]
    is_new: bool
    """この要求で変わったか。繰返しなら false。"""
    version: Version

    @classmethod
    def of(
        cls, place: Municipality, membership: Membership, *, number: str | None, is_new: bool
    ) -> "OnBoardRead":
        return cls(
            code=str(place.code),
            name=place.name,
            name_kana=place.name_kana,
            prefecture_name=place.prefecture_name,
            corporate_number=number,
            state=membership.stage,
            since=membership.since,
            services=[PlaceName.of(name) for name in sorted(membership.services)],
            is_new=is_new,
            version=membership.version,
        )
