"""Spelling, by a dictionary that works offline: an optional extra, and the one place that knows its library."""

from app.proofreading.proofreader import LONGEST, Proofreader, TooLong, load_proofreader
from app.proofreading.speller import LibraryFailed

__all__ = ["LONGEST", "LibraryFailed", "Proofreader", "TooLong", "load_proofreader"]
