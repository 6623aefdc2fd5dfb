"""The benefits a municipality pays: on which legal ground, to whom, how much, and until when."""
