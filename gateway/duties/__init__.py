"""Which official has which duty at this moment: what every token asks before it is given."""
