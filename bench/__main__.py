"""`python -m bench [planner] [emails] [drafts] [api]`: prints the rows of the tables in `bench/README.md`."""

import sys
from collections.abc import Callable

from bench import api, drafts, emails, planner

BENCHMARKS: dict[str, Callable[[], list[str]]] = {
    "planner": planner.run,
    "emails": emails.run,
    "drafts": drafts.run,
    "api": api.run,
}

for name in sys.argv[1:] or BENCHMARKS:
    print("\n".join(BENCHMARKS[name]()), end="\n\n", flush=True)
