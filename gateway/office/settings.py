"""What the office must be told before it may open."""

from foundation.settings import ServiceSettings


class OfficeSettings(ServiceSettings):
    """Nothing beyond what every service is told; a place for what is the office's own."""
