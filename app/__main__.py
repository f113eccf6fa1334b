"""The command line: serve, worker, migrate, keys, reseal, openapi."""

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, get_args

from app import __version__, commands, key_commands
from app.settings import SettingsError
from app.store.rows import Scope

LONGEST_DAYS = 36500


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
    keys = names.add_parser("keys", help="Make, list and revoke API keys.")
    _add_key_commands(partial(add, to=keys.add_subparsers(required=True, metavar="COMMAND")))
    add("reseal", commands.reseal)
    add("openapi", commands.openapi).add_argument("--output", type=Path, metavar="FILE", help="write it here instead")
    return parser


def _add_key_commands(add: Callable[[str, Callable[[Namespace], None]], ArgumentParser]) -> None:
    creating = add("create", key_commands.create_key)
    creating.add_argument("--name", required=True, help="what the key is for")
    creating.add_argument("--account", default="default", help="whose it is; made when it is new (%(default)s)")
    creating.add_argument("--test", action="store_true", help="for trying out: in an account apart")
    creating.add_argument(
        "--scope", action="append", choices=get_args(Scope), help="what it may do, as often as you like; else all"
    )
    creating.add_argument(
        "--expires-in-days", type=_days, metavar="DAYS", help="for how long it is good; else for ever"
    )
    add("list", key_commands.list_keys).add_argument("--account", help="only those of this account")
    add("revoke", key_commands.revoke_key).add_argument("id", metavar="ID", help="which, as `keys list` shows it")


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= LONGEST_DAYS):
        raise ArgumentTypeError(f"must be a whole number of days from 1 to {LONGEST_DAYS}")
    return int(text)


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
