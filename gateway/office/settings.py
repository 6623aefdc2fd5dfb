"""What the office must be told before it may open."""

from pydantic import Field

from foundation.settings import ServiceSettings


class OfficeSettings(ServiceSettings):
    """What every service is told, and how long the access log remembers."""

    access_log_days: int = Field(default=366, ge=1, le=3_660)
