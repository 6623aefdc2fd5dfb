"""A gateway, the municipality that is none, and a vendor."""

from tests.support.front_door import door, gateway_keys
from tests.support.vendor_fixtures import developer, sandbox

__all__ = ["developer", "door", "gateway_keys", "sandbox"]
