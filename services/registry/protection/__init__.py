"""支援措置: who is protected from whom, and the one way to an address that nobody may know."""
