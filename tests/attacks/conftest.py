"""The whole gateway, for those who try to get past it."""

from tests.support.front_door import door, gateway_keys

__all__ = ["door", "gateway_keys"]
