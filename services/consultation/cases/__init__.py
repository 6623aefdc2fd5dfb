"""Cases: one person's troubles, the few who may know of them, and one who answers for them."""
