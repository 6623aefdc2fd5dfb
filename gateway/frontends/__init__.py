"""Front ends in a browser: a session the browser cannot read, and no token it could lose."""
