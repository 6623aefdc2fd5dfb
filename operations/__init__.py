"""What a municipality's one person for everything runs: start, stop, look after the whole house."""
