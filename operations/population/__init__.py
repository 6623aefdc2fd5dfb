"""Invented people for demonstrations and tests: plausible as a town, and nobody who exists."""

from .businesses import write_businesses
from .generator import AS_OF, SIZES, generate
from .importing import Populated, PopulationRefused, populate
from .registry_csv import registry_csv
from .residents import Household, Population, Resident, TaxStatus
from .simulator import DEMONSTRATIONS, write_simulator_files

__all__ = [
    "AS_OF",
    "DEMONSTRATIONS",
    "SIZES",
    "Household",
    "Populated",
    "Population",
    "PopulationRefused",
    "Resident",
    "TaxStatus",
    "generate",
    "populate",
    "registry_csv",
    "write_businesses",
    "write_simulator_files",
]
