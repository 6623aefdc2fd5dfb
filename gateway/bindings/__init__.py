"""Which record of the register a person is: asked once, at their first sign-in."""
