"""Keeps the house standing: its database, its gateway and its services, as one thing to start."""
