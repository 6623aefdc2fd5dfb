"""What the gateway gives to those who may ask: codes, tokens, and their end."""
