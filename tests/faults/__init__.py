"""Faults that are really made: processes killed and frozen, receivers that misbehave, databases that go away."""
