"""Afterword: what to send after an interview, to whom, when and why."""
