"""The front desk and its keys, for every test of the gateway that signs somebody in."""

from tests.support.front_door import door, gateway_keys
from tests.support.vendor_fixtures import developer, sandbox

__all__ = ["developer", "door", "gateway_keys", "sandbox"]
