"""What kind of municipality it is: who lives alone, who has children, who came from abroad.

The mixtures are tuned by eye so that the age pyramid, the mean household size and the share of
exempt households come out near what such a place publishes; they are no statistics of any place.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from foundation.identifiers import MunicipalityCode

from .residents import HouseholdKind as Kind

TOKYO_WARDS = "13"
_DESIGNATED_CITY = ("100", "130", "140", "150")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How the households of a municipality are mixed; weights need not sum to anything."""

    mixture: Mapping[Kind, float]
    apartments: float
    """Share of households that live in an apartment building."""
    natives: float
    """Share of householders who were born there."""
    exemption: float
    """Factor on the chance that a household is wholly exempt from resident tax."""
    origins: Mapping[str, float]


_REGIONAL_CITY = Profile(
    mixture={
        Kind.YOUNG_SINGLE: 11,
        Kind.MIDDLE_SINGLE: 12,
        Kind.ELDERLY_SINGLE: 16.5,
        Kind.YOUNG_COUPLE: 4,
        Kind.MIDDLE_COUPLE: 7,
        Kind.ELDERLY_COUPLE: 17.5,
        Kind.FAMILY: 10.5,
        Kind.ADULT_CHILD_FAMILY: 8,
        Kind.SINGLE_PARENT: 3.2,
        Kind.PARENT_AND_ADULT_CHILD: 5,
        Kind.THREE_GENERATIONS: 1.4,
        Kind.SHARED: 1,
        Kind.INSTITUTION: 2.4,
        Kind.FOREIGN_SINGLE: 1.0,
        Kind.FOREIGN_FAMILY: 0.25,
        Kind.MIXED_COUPLE: 0.4,
    },
    apartments=0.42,
    natives=0.4,
    exemption=1.06,
    origins={
        "vietnam": 40,
        "china": 18,
        "philippines": 10,
        "korea": 6,
        "indonesia": 10,
        "myanmar": 8,
        "nepal": 4,
        "united_states": 2,
        "europe": 1,
        "brazil": 1,
    },
)

_RURAL_CITY = Profile(
    mixture={
        Kind.YOUNG_SINGLE: 6,
        Kind.MIDDLE_SINGLE: 9,
        Kind.ELDERLY_SINGLE: 13,
        Kind.YOUNG_COUPLE: 3,
        Kind.MIDDLE_COUPLE: 7,
        Kind.ELDERLY_COUPLE: 17,
        Kind.FAMILY: 12.5,
        Kind.ADULT_CHILD_FAMILY: 13,
        Kind.SINGLE_PARENT: 3.2,
        Kind.PARENT_AND_ADULT_CHILD: 7,
        Kind.THREE_GENERATIONS: 4,
        Kind.SHARED: 0.8,
        Kind.INSTITUTION: 1.8,
        Kind.FOREIGN_SINGLE: 1.5,
        Kind.FOREIGN_FAMILY: 0.4,
        Kind.MIXED_COUPLE: 0.8,
    },
    apartments=0.14,
    natives=0.55,
    exemption=1.18,
    origins={
        "vietnam": 38,
        "china": 16,
        "korea": 14,
        "philippines": 12,
        "indonesia": 8,
        "brazil": 4,
        "myanmar": 4,
        "nepal": 3,
        "united_states": 1,
    },
)

_METROPOLITAN = Profile(
    mixture={
        Kind.YOUNG_SINGLE: 28,
        Kind.MIDDLE_SINGLE: 18,
        Kind.ELDERLY_SINGLE: 11.5,
        Kind.YOUNG_COUPLE: 9,
        Kind.MIDDLE_COUPLE: 6,
        Kind.ELDERLY_COUPLE: 8,
        Kind.FAMILY: 15.5,
        Kind.ADULT_CHILD_FAMILY: 4,
        Kind.SINGLE_PARENT: 1.8,
        Kind.PARENT_AND_ADULT_CHILD: 2.2,
        Kind.THREE_GENERATIONS: 0.6,
        Kind.SHARED: 2,
        Kind.INSTITUTION: 0.7,
        Kind.FOREIGN_SINGLE: 3.4,
        Kind.FOREIGN_FAMILY: 1.2,
        Kind.MIXED_COUPLE: 1.1,
    },
    apartments=0.88,
    natives=0.12,
    exemption=1.5,
    origins={
        "china": 42,
        "korea": 16,
        "india": 8,
        "united_states": 9,
        "europe": 9,
        "vietnam": 5,
        "philippines": 4,
        "nepal": 3,
        "indonesia": 1,
        "brazil": 1,
    },
)


def profile_of(code: MunicipalityCode) -> Profile:
    """Return the profile a municipality is given by the form of its code.

    Special wards (13101 to 13123) and designated cities are metropolitan; other cities regional;
    towns and villages, and 紀の川市 for the demonstration, rural.
    """
    number = code[2:5]
    if (code[:2] == TOKYO_WARDS and number < "124") or number in _DESIGNATED_CITY:
        return _METROPOLITAN
    if number < "300" and code != "302082":
        return _REGIONAL_CITY
    return _RURAL_CITY
