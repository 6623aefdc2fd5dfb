"""What other offices may do and see: help by a consent, and figures of which nobody is a part."""
