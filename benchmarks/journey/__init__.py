"""What one request costs from the door to the rows and back, beside what others would build."""
