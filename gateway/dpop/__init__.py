"""Tokens that are good only in the hand of whoever was given them, and how that is shown."""
