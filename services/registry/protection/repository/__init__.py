"""Where measures, openings and alerts are kept, and how an address is taken out of sight."""

from .alerts import Alerts
from .concealing import Concealment
from .measures import Measures
from .openings import Openings

__all__ = ["Alerts", "Concealment", "Measures", "Openings"]
