"""Acting for another: a parent, a guardian, somebody with a mandate, a facility's staff."""
