"""The base register: who lives here, in which household, and what the other services may know."""
