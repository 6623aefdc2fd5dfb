"""Duties given to a person by name, from a day until a day, with four eyes where it matters."""
