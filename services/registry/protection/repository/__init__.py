"""Where measures, openings and alerts are kept, and how an address is taken out of sight."""

from foundation.parameters import Parameters

from .alerts import Alerts
from .concealing import Concealment
from .measures import Measures
from .openings import Openings

PARAMETERS = Parameters("registry")
"""What the municipality laid down of protection, within what the nation allows."""

__all__ = ["PARAMETERS", "Alerts", "Concealment", "Measures", "Openings"]
