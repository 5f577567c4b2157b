"""HTTP from the socket to the handlers: framing, limits, and the edge that judges requests."""
