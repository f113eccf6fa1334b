"""Every setting of the service: a field below, an AFTERWORD_ variable in the environment or in `.env`."""

import os
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from dotenv import dotenv_values
from pydantic import AfterValidator, DirectoryPath, Field, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "AFTERWORD_"
ENV_FILE = Path(".env")


class SettingsError(Exception):
    """A setting that cannot be used; its text is the whole message."""


def _known_database(url: str) -> str:
    if not url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://", "postgres://")):
        raise ValueError("must begin with sqlite:/// or postgresql://")
    if url in {"sqlite:///", "sqlite:///:memory:"}:
        raise ValueError("must name a file: in memory, every connection would have a database of its own")
    return url


class Settings(BaseSettings):
    """What an operator may choose. `.env.example` lists the same, held to it by a test."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=ENV_FILE,
        env_ignore_empty=True,
        dotenv_filtering="only_existing",  # what else stands in .env is not ours; our own names are checked in load()
        extra="forbid",
        frozen=True,
    )

    database_url: Annotated[str, AfterValidator(_known_database)] = Field(
        default="sqlite:///var/afterword.db",
        repr=False,  # it may hold a password
        description="Where everything is kept: sqlite:///path/to/file.db or postgresql://user:password@host/name.",
    )
    host: str = Field(default="127.0.0.1", description="The address to listen on; 0.0.0.0 is every one.")
    port: int = Field(default=8000, ge=0, le=65535, description="The port to listen on; 0 takes a free one.")
    log_level: Literal["debug", "info", "warning", "error", "critical"] = Field(
        default="info", description="The least serious line to log: debug, info, warning, error or critical."
    )
    access_log: bool = Field(default=False, description="Log one line a request; it costs a fifth of the throughput.")
    policies_dir: DirectoryPath | None = Field(
        default=None, description="A folder of policies of your own (*.toml), beside the six that are built in."
    )

    @property
    def embedded(self) -> bool:
        """Whether the database is a file of ours, which nobody else will set up."""
        return self.database_url.startswith("sqlite:")

    @classmethod
    def load(cls, **given: Any) -> Self:
        """What is given, then the environment, `.env`, the defaults; an AFTERWORD_ name that is none is refused."""
        _refuse_unknown([*os.environ, *dotenv_values(ENV_FILE)])
        try:
            return cls(**given)
        except ValidationError as error:
            raise SettingsError("\n".join(_explain(line) for line in error.errors())) from None


def _refuse_unknown(names: Iterable[str]) -> None:
    known = [PREFIX + field.upper() for field in Settings.model_fields]
    for name in names:
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            close = get_close_matches(name.upper(), known, n=1, cutoff=0.8)
            hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}."
            raise SettingsError(f"{name} is not a setting: {hint}")


def _explain(error: ErrorDetails) -> str:
    # Without the value: it may be a secret.
    return f"{PREFIX}{str(error['loc'][0]).upper()}: {error['msg']}"
