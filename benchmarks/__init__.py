"""What we promise about speed, each promise measured beside a named peer in the same run."""
