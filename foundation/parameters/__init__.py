"""Local policy as data: what may be set, who set it, and which value holds on a day.

The declarations are part of the programme, for what a value does is; the values are the nation's,
the prefectures' and the municipalities'. Whatever reads one asks here, and is told why as well.
"""

from .catalogue import (
    ALL,
    BROWSER_IDLE,
    BY_KEY,
    MANDATE_SIGNATURE,
    OPENING_APPROVAL,
    OPENING_VIEW,
    PROTECTION_NOTICE,
    RESTORE_DRILL,
    SLIP,
)
from .declaration import Declaration, Kind, Unit, Value
from .reading import Parameters, Steps, chain_of
from .resolution import Considered, Resolved, Step, Verdict, next_change, resolve

__all__ = [
    "ALL",
    "BROWSER_IDLE",
    "BY_KEY",
    "MANDATE_SIGNATURE",
    "OPENING_APPROVAL",
    "OPENING_VIEW",
    "PROTECTION_NOTICE",
    "RESTORE_DRILL",
    "SLIP",
    "Considered",
    "Declaration",
    "Kind",
    "Parameters",
    "Resolved",
    "Step",
    "Steps",
    "Unit",
    "Value",
    "Verdict",
    "chain_of",
    "next_change",
    "resolve",
]
