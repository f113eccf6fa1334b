"""HTTP to one verb, nothing else: a router, its noun in the address and its test share one name."""
