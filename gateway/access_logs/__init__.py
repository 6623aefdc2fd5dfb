"""Who came through the door, for the municipality that is answerable for it."""
