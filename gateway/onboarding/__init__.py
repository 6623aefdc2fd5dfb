"""How a municipality is taken on, moves on by its own administrators' will, and leaves."""
