"""The services a town hall offers; each is a stranger to the others."""
