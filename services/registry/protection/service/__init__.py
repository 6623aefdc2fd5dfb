"""What officials do about protection: measures, openings, alerts."""

from .alarms import raise_alert, tell_of_refusal
from .alerts import acknowledge, list_unseen
from .measures import (
    LOOK_AT_CALENDAR,
    Application,
    apply,
    decide,
    extend,
    join,
    list_measures,
    look_at_calendar,
    propose,
    provide,
    read,
)
from .openings import LAPSE_OPENING, allow, lapse, list_waiting, request, view
from .register import settle_file

__all__ = [
    "LAPSE_OPENING",
    "LOOK_AT_CALENDAR",
    "Application",
    "acknowledge",
    "allow",
    "apply",
    "decide",
    "extend",
    "join",
    "lapse",
    "list_measures",
    "list_unseen",
    "list_waiting",
    "look_at_calendar",
    "propose",
    "provide",
    "raise_alert",
    "read",
    "request",
    "settle_file",
    "tell_of_refusal",
    "view",
]
