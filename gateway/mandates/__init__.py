"""Recording, confirming and ending the right to act for another."""
