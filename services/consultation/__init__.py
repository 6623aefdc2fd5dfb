"""Consultation records (相談記録): what people confide stays with those who help them."""
