"""The front desk and its keys, for every test of the gateway that signs somebody in."""

from tests.support.front_door import door, gateway_keys

__all__ = ["door", "gateway_keys"]
