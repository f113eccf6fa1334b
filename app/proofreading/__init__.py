"""Spelling, by a dictionary that works offline: an optional extra, and the one place that knows its library."""

from app.proofreading.proofreader import LONGEST, Proofreader, TooLong, fits, load_proofreader

__all__ = ["LONGEST", "Proofreader", "TooLong", "fits", "load_proofreader"]
