"""What the office must be told before it may open."""

from pydantic import Field

from foundation.identity.jpki import TrustSettings
from foundation.settings import ServiceSettings


class OfficeSettings(ServiceSettings):
    """What every service is told, how long the access log remembers, and what the house is called.

    `issuer` is the gateway's own address, for links that are given to people.
    """

    issuer: str = "http://127.0.0.1:8200"
    jpki: TrustSettings | None = None
    """The authorities of signing certificates, believed when kept evidence is judged again."""
    access_log_days: int = Field(default=366, ge=1, le=3_660)
