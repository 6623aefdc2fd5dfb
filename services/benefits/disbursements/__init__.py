"""How granted money reaches the household, once, and never by one official alone."""
