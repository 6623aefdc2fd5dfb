"""Telling other systems whose record has changed, so that none of them has to ask for everybody."""
