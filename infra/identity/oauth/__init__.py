"""An OpenID provider with one flow, the authorization code with PKCE; it refuses the rest."""
