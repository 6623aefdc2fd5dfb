"""Taking back what was given: a sign-in, all of somebody's sign-ins, a vendor's leave."""
