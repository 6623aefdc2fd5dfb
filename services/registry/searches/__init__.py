"""Finding residents by whatever somebody at the counter knows of them."""
