"""How the properties of the rules are searched: the same examples every time in CI, new ones on every other run."""

import os

from hypothesis import settings

settings.register_profile("rules", max_examples=100, deadline=None, derandomize="CI" in os.environ)
settings.load_profile("rules")
