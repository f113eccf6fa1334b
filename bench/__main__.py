"""`python -m bench [planner] [emails] [drafts] [api] [auth]`: prints the rows of the tables in `bench/README.md`.

`python -m bench webhooks claims` are asked for by name: they take a quarter of an hour; `--scale 0.1` makes them
smaller.
"""

from argparse import ArgumentParser
from collections.abc import Callable

from bench import api, auth, claims, drafts, emails, latency, planner, webhooks

parser = ArgumentParser(prog="python -m bench", description="Measure, each against a named peer or limit.")
parser.add_argument("names", nargs="*")
parser.add_argument("--scale", type=float, default=1.0, help="how many webhooks, as a part of all")
asked = parser.parse_args()

BENCHMARKS: dict[str, Callable[[], list[str]]] = {
    "planner": planner.run,
    "emails": emails.run,
    "drafts": drafts.run,
    "api": api.run,
    "auth": auth.run,
}
HEAVY: dict[str, Callable[[], list[str]]] = {
    "webhooks": lambda: webhooks.run(asked.scale),
    "claims": lambda: claims.run(asked.scale),
    "latency": latency.run,
}

for name in asked.names or BENCHMARKS:
    print("\n".join((BENCHMARKS | HEAVY)[name]()), end="\n\n", flush=True)
