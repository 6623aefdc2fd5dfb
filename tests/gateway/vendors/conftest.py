"""A vendor, and the municipality that is none."""

from tests.support.vendor_fixtures import developer, sandbox

__all__ = ["developer", "sandbox"]
