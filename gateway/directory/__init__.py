"""The public directory: which municipalities there are, and which of them take part."""
