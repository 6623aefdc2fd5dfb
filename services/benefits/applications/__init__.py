"""Who is offered a benefit, and how the household answers."""
