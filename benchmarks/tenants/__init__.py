"""What it costs to have all of Japan on board."""
