"""The providers a municipality brings: examined, tried, put to use and retired."""
