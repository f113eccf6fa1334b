"""Judges from outside: what others wrote to hold an API to its document, and a document to its standard."""
