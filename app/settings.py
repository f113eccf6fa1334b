"""Every setting of the service: a field below, an AFTERWORD_ variable in the environment or in `.env`."""

import os
from base64 import urlsafe_b64decode
from collections.abc import Iterable
from difflib import get_close_matches
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from dotenv import dotenv_values
from pydantic import AfterValidator, DirectoryPath, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "AFTERWORD_"
ENV_FILE = Path(".env")

DAY = 86_400
"""In seconds."""
MOST_REQUESTS = 1_000_000
"""The most that a limit may be, in requests a minute."""
MOST_DELAY = 30 * DAY
"""The longest wait between two attempts, in seconds."""
KEY_BYTES = 32


class SettingsError(Exception):
    """A setting that cannot be used; its text is the whole message."""


def _known_database(url: str) -> str:
    if not url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://", "postgres://")):
        raise ValueError("must begin with sqlite:/// or postgresql://")
    if url in {"sqlite:///", "sqlite:///:memory:"}:
        raise ValueError("must name a file: in memory, every connection would have a database of its own")
    return url


def _as_seconds(text: str) -> str:
    try:
        delays = [float(part) for part in text.split(",")]
    except ValueError:
        raise ValueError("must be seconds, separated by commas, such as 5,300,1800") from None
    if not all(0 <= delay <= MOST_DELAY for delay in delays):  # NaN is not either
        raise ValueError(f"must be seconds between 0 and {MOST_DELAY}")
    return text


def _as_networks(text: str) -> str:
    try:
        for part in filter(None, text.split(",")):
            ip_network(part.strip())
    except ValueError:
        raise ValueError("must be networks, separated by commas, such as 127.0.0.0/8,10.1.0.0/16") from None
    return text


def _as_keys(text: str) -> str:
    for part in filter(None, text.split(",")):
        try:
            key = urlsafe_b64decode(part.strip())
        except ValueError:
            key = b""
        if len(key) != KEY_BYTES:
            raise ValueError(f"must be {KEY_BYTES} bytes in url-safe base64, or several of them separated by commas")
    return text


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
    access_log: bool = Field(
        default=False, description="Log one line a request, its address as a template; it costs some of the throughput."
    )
    policies_dir: DirectoryPath | None = Field(
        default=None, description="A folder of policies of your own (*.toml), beside the six that are built in."
    )

    public_url: str = Field(
        default="",
        pattern=r"^(https?://[^\s?#]*[^\s?#/])?$",
        description="Where callers reach the API, such as https://afterword.example.com; links in webhooks begin so.",
    )
    log_format: Literal["text", "json"] = Field(
        default="text", description="How a line is logged: text for people, json for machines."
    )
    metrics_port: int = Field(
        default=0, ge=0, le=65535, description="The port at which a worker of its own answers /metrics; 0 is none."
    )
    secret_key: Annotated[str, AfterValidator(_as_keys)] = Field(
        default="",
        repr=False,
        description="What seals secrets at rest: 32 bytes in url-safe base64, several separated by commas, the newest "
        "first. Needed with PostgreSQL; with SQLite one is made, and kept beside the database.",
    )
    webhook_retry_schedule: Annotated[str, AfterValidator(_as_seconds)] = Field(
        default="5,300,1800,7200,18000,36000,50400,72000,86400",
        description="The seconds to wait after each failed attempt at a delivery, separated by commas.",
    )
    webhook_timeout_seconds: float = Field(
        default=15, gt=0, le=300, description="The seconds that an attempt may take in all."
    )
    webhook_lease_seconds: float = Field(
        default=60,
        gt=0,
        le=3600,
        description="The seconds after which a silent worker is taken for dead; more than twice the timeout.",
    )
    webhook_in_flight: int = Field(
        default=10, ge=1, le=100, description="How many requests to one endpoint may be under way."
    )
    webhook_account_in_flight: int = Field(
        default=50, ge=1, le=200, description="How many requests to all endpoints of an account may be under way."
    )
    webhook_allow_nets: Annotated[str, AfterValidator(_as_networks)] = Field(
        default="",
        description="Private networks that webhooks may reach, comma-separated: over plain HTTP too, at any port.",
    )
    webhook_proxy: str = Field(
        default="",
        repr=False,
        pattern=r"^(https?://[^\s]+)?$",
        description="The HTTP proxy through which webhooks leave; no other proxy variable counts.",
    )
    webhook_disable_after_seconds: float = Field(
        default=5 * DAY,
        gt=0,
        le=365 * DAY,
        description="The seconds after which an endpoint that only ever fails is disabled.",
    )
    webhook_overlap_seconds: float = Field(
        default=DAY, ge=0, le=7 * DAY, description="The seconds for which a secret that was rotated away still signs."
    )
    webhook_log_days: int = Field(
        default=30, ge=1, le=3650, description="The days for which messages, deliveries and attempts are kept."
    )

    public_stateless: bool = Field(
        default=True, description="Plan, write and check for anybody, where nothing is kept; false asks for a key."
    )
    rate_limit_key: int = Field(
        default=6000, ge=0, le=MOST_REQUESTS, description="The requests a minute that a key may make; 0 is no limit."
    )
    rate_limit_address: int = Field(
        default=600,
        ge=0,
        le=MOST_REQUESTS,
        description="The requests a minute from one address, of pages and without a good key; 0 is no limit.",
    )
    trusted_proxies: Annotated[str, AfterValidator(_as_networks)] = Field(
        default="",
        description="Networks of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed, comma-separated.",
    )
    retention_days: int = Field(
        default=0,
        ge=0,
        le=3650,
        description="The days after which an interview is forgotten whose account says nothing else; 0 is never.",
    )

    @model_validator(mode="after")
    def _outlive_an_attempt(self) -> Self:
        if self.webhook_lease_seconds <= 2 * self.webhook_timeout_seconds:
            raise ValueError(
                f"{PREFIX}WEBHOOK_LEASE_SECONDS must be more than twice {PREFIX}WEBHOOK_TIMEOUT_SECONDS, "
                f"which is {self.webhook_timeout_seconds:g}"
            )
        return self

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
    if not error["loc"]:
        return error["msg"].removeprefix("Value error, ")
    # Without the value: it may be a secret.
    return f"{PREFIX}{str(error['loc'][0]).upper()}: {error['msg'].removeprefix('Value error, ')}"
