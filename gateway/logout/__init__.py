"""How a sign-in ends: asked for by the person, and told to the application they used."""
