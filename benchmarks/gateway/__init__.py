"""What the door costs: our data path beside a direct connection and what others would put there."""
