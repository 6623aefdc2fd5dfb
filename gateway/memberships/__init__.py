"""How far a municipality has come: listed, on trial, live, paused, leaving or closed."""
