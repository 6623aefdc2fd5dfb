"""Municipalities as those see them who run the platform: taken on, looked at, paused, let go."""
