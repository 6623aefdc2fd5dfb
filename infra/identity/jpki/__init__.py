"""Certificates in the shape of the Japanese public personal authentication service (JPKI)."""
