"""人事異動: many officials change desks on one day, checked beforehand and confirmed at once."""
