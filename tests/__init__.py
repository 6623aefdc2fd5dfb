"""Tests mirror the tree: tests/ plus the path of what they judge."""
