"""Who may ask for tokens, in whose name, and how they prove who they are."""
