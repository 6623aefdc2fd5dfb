"""The platform's own counter: everything the house itself can be asked for with a token."""
