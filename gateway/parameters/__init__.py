"""A municipality's own settings: entered, planned, corrected and compared, each with its days."""
