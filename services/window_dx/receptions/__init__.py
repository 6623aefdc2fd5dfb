"""Receptions: a number is taken, called, served, passed on, finished; and time is measured."""
