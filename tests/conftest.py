"""One real PostgreSQL for each worker of the test run, and the people who call on the house."""

pytest_plugins = ["tests.support.house"]
