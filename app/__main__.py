"""The command line: serve, worker, migrate, keys, reseal, openapi."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from app import __version__, commands
from app.settings import SettingsError


def _parser() -> ArgumentParser:
    parser = ArgumentParser("afterword", description="Plans the follow-ups after a job interview.")
    parser.add_argument("--version", action="version", version=__version__)
    names = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, run: Callable[[Namespace], None], *, to: Any = names) -> ArgumentParser:
        command: ArgumentParser = to.add_parser(name, help=run.__doc__, description=run.__doc__)
        command.set_defaults(run=run)
        return command

    serving = add("serve", commands.serve)
    serving.add_argument("--host", help="the address to listen on")
    serving.add_argument("--port", type=int, help="the port to listen on; 0 takes a free one")
    serving.add_argument("--no-worker", action="store_true", help="deliver nothing: workers of their own do")
    add("worker", commands.worker)
    add("migrate", commands.migrate)
    keys = names.add_parser("keys", help="Make API keys.").add_subparsers(required=True, metavar="COMMAND")
    creating = add("create", commands.create_key, to=keys)
    creating.add_argument("--name", required=True, help="what the key is for")
    creating.add_argument("--account", default="default", help="whose it is; made when it is new (%(default)s)")
    add("reseal", commands.reseal)
    add("openapi", commands.openapi).add_argument("--output", type=Path, metavar="FILE", help="write it here instead")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; a mistake in what it was given is one message and status 2."""
    arguments = _parser().parse_args(argv)
    try:
        arguments.run(arguments)
    except (commands.Refusal, SettingsError) as error:
        print(f"afterword: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
