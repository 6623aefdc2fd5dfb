"""How the database came to be: one lineage per schema, each run as that schema's owner."""
