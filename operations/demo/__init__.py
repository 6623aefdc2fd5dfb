"""Plays what people really do with the house, over HTTP, and says at each step what came of it."""

from .repertoire import JOURNEYS, play

__all__ = ["JOURNEYS", "play"]
