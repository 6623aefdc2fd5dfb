"""What the consultation service must be told before it may start."""

from foundation.settings import ServiceSettings


class ConsultationSettings(ServiceSettings):
    """Nothing beyond what every service is told; a place for what is this service's own."""
