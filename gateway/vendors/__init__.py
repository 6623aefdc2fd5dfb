"""Vendors: who builds on the house, with which keys, in which municipalities, until when."""
