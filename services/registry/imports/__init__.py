"""Files from the municipality's own systems: read, judged, shown, and only then let in."""
