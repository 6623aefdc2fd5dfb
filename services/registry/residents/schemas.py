"""How residents look on the wire; the type of an address says whether it may be known."""

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field

from foundation.web import Line, Version, Wire

from .domain import Grade, Household, Resident

_ID = "01930b7e-0000-7000-8000-000000000001"


class OpenAddress(Wire):
    """An address anyone in the office may know."""

    masked: Literal[False]
    postal_code: str
    address: str


class MaskedAddress(Wire):
    """The address of a protected person: it is not here, so it cannot slip out of here."""

    masked: Literal[True]
    notice: Literal["非開示"]
    """支援措置により住所は表示されません。"""


AddressRead = OpenAddress | MaskedAddress
"""No discriminator: OpenAPI knows only texts as such, and `masked` is true or false."""


class ResidentRead(Wire):
    """A resident as of now."""

    id: UUID
    household_id: UUID
    resident_number: str
    """宛名番号。"""
    history_number: int
    """履歴番号。"""
    relationship: str
    """続柄。"""
    is_householder: bool
    name_formal: str
    """氏名(正字)。"""
    name_display: str
    """氏名。"""
    name_kana: str
    name_kana_verified: bool
    """カナが本人により確認されているか。"""
    alias: str
    """通称。無ければ空。"""
    name_latin: str
    birth_on: str
    """生年月日。月や日が不詳のときは 00。"""
    gender: Literal["1", "2", "9"]
    """1 男、2 女、9 不明・適用外。"""
    nationality_kind: Literal["japanese", "foreign"]
    address: AddressRead
    resident_from: date
    resident_until: date | None
    version: Version

    @classmethod
    def of(cls, resident: Resident) -> Self:
        """Show a resident to the office: a housemate's address is the protected person's too."""
        return cls._shown(resident, masked=resident.address_would_tell)

    @classmethod
    def of_own(cls, resident: Resident) -> Self:
        """Show a person their own record: masking it would tell them who is protected at home."""
        return cls._shown(resident, masked=resident.is_protected)

    @classmethod
    def _shown(cls, resident: Resident, *, masked: bool) -> Self:
        plain = {
            name: getattr(resident, name)
            for name in cls.model_fields
            if name not in {"address", "birth_on"}
        }
        address = MaskedAddress(masked=True, notice="非開示") if masked else _open_address(resident)
        return cls(**plain, birth_on=resident.birth_text, address=address)


class MemberRead(Wire):
    """A member of one's own household: what the family knows anyway, and no address."""

    id: UUID
    relationship: str
    name_display: str
    name_kana: str

    @classmethod
    def of(cls, resident: Resident) -> Self:
        return cls(
            id=resident.id,
            relationship=resident.relationship,
            name_display=resident.name_display,
            name_kana=resident.name_kana,
        )


class HouseholdRead(Wire):
    """A household with its present members, the householder first."""

    id: UUID
    household_number: str
    """世帯番号。"""
    members: list[ResidentRead]
    version: Version

    @classmethod
    def of(cls, household: Household) -> Self:
        return cls(
            id=household.id,
            household_number=household.household_number,
            members=[ResidentRead.of(member) for member in household.members],
            version=household.version,
        )


class OwnRecord(Wire):
    """What the register says of the person signed in."""

    resident: ResidentRead
    household: list[MemberRead]
    """同じ世帯の人。転出などで住民でなくなった人には空。"""

    @classmethod
    def of(cls, resident: Resident, household: Household) -> Self:
        # Who has left is told nothing of those who stayed, or of who has joined them since. Whoever
        # is protected stays in the list for as long as they are registered here: whom they are
        # protected from may be reading, and would understand a gap at once.
        shown = household.members if resident.resident_until is None else ()
        return cls(
            resident=ResidentRead.of_own(resident),
            household=[MemberRead.of(member) for member in shown],
        )


class MatchRequest(Wire):
    """The four attributes a card gives, and the reading where it is known."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "北見 花子",
                    "birth_on": "1985-03-15",
                    "address": "北海道北見市大通西1丁目2番地",
                    "gender": "2",
                }
            ]
        }
    )

    name: Line
    kana: Annotated[str, Field(max_length=200)] = ""
    birth_on: date
    address: Line
    gender: Literal["", "1", "2", "9"] = ""


class MatchRead(Wire):
    """The one resident who answers to it."""

    resident_id: UUID
    grade: Grade


def _open_address(resident: Resident) -> OpenAddress:
    return OpenAddress(masked=False, postal_code=resident.postal_code, address=resident.address)
