"""The people who run the town hall: whose word is taken on them, and which duties they have."""
