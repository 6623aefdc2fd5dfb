"""The one door: who comes in, for which municipality, and to which room they are led."""
