"""Whether a municipality's service is open, and where to go with paper while it is not."""
