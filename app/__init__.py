"""Afterword: what to send after an interview, to whom, when and why."""

__version__ = "0.1.0"
