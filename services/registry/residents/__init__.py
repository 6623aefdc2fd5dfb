"""Residents and households as the register has them, and how they are found."""
