"""How somebody comes in: sent to prove themselves, and received when they come back."""
