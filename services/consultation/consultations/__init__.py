"""Consultations: what was said and done, recorded once, corrected in the open, never erased."""
