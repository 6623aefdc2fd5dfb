"""A town hall hands its register in from its own machine, by the interface everybody else uses."""
