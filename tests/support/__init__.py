"""What the tests of every room share: a real house, people who call on it, and their papers."""
