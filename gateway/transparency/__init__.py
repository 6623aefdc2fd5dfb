"""What a resident is shown of the trail: who touched their data, when, and why."""
