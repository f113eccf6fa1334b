"""`python -m bench [planner] [api]`: prints the rows of the tables in `bench/README.md`."""

import sys
from collections.abc import Callable

from bench import api, planner

BENCHMARKS: dict[str, Callable[[], list[str]]] = {"planner": planner.run, "api": api.run}

for name in sys.argv[1:] or BENCHMARKS:
    print("\n".join(BENCHMARKS[name]()), end="\n\n", flush=True)
