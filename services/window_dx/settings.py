"""What the counter service must be told before it may start."""

from foundation.settings import ServiceSettings


class WindowSettings(ServiceSettings):
    """Nothing beyond what every service is told; a place for what is this service's own."""
