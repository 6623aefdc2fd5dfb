"""Where imports are kept, judged as a whole and let into the register."""

from .imports import Imports
from .judging import Judgement, take_time
from .layouts import Layouts
from .letting_in import LettingIn
from .parts import Parts
from .staging import Staging

__all__ = ["Imports", "Judgement", "Layouts", "LettingIn", "Parts", "Staging", "take_time"]
