"""Leave: what a vendor asks of a municipality, what it is given there, and how that ends."""
