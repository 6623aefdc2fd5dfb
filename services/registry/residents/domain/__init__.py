"""What a resident is, how names and dates are read, and when two descriptions are one person."""

from .dates import Days, FuzzyDate, Precision, parse_day, parse_days
from .matching import Description, Grade, agree_where_written, grade_of
from .names import normal_address, search_kana, search_name
from .resident import Household, Resident, ResidentId, TaxStatus

__all__ = [
    "Days",
    "Description",
    "FuzzyDate",
    "Grade",
    "Household",
    "Precision",
    "Resident",
    "ResidentId",
    "TaxStatus",
    "agree_where_written",
    "grade_of",
    "normal_address",
    "parse_day",
    "parse_days",
    "search_kana",
    "search_name",
]
