"""One real PostgreSQL for each worker of the test run, and the people who call on the house."""

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.support.house", "tests.support.running"]

# How long an example takes says what else the machine does, not whether the rule holds.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")
