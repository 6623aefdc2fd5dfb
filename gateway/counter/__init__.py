"""The counter: where an official binds somebody who stands before them to their record."""
