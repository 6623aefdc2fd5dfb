"""Who is calling, as the house knows them, and what they may do next."""
