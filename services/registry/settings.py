"""What the registry must be told before it may start."""

from foundation.settings import ServiceSettings


class RegistrySettings(ServiceSettings):
    """Nothing beyond what every service is told; a place for what is this service's own."""
