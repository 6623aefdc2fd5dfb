"""The outside world of sign-in on one machine: cards and the providers people sign in with."""
