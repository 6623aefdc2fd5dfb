"""The windows of a town hall: where people wait, and how many."""
