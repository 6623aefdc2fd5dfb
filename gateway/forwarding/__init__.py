"""How a request is carried to a service and its answer back, whole or not at all."""
