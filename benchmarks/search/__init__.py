"""What a search for a resident costs where a million live, beside asking the table itself."""
