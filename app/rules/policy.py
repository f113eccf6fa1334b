"""A policy: one article's advice as data, each section citing the rule that it answers to (section 1 of the rules).

A policy is a TOML file named after it. A section that a file leaves out is inherited from `balanced`, and the plan
says so. `AFTERWORD_POLICIES_DIR` adds a folder of such files.
"""

import re
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from app.rules.catalogue import SOURCES
from app.rules.clauses import (
    Card,
    CheckInStated,
    CheckInUnstated,
    FeedbackRequest,
    FinalCheckIn,
    HoursAfterEnd,
    Limit,
    OfferReply,
    OnNextDay,
    RejectionReply,
    SituationUpdate,
)

BALANCED = "balanced"
BUILT_IN = (BALANCED, "classic", "decision-date", "two-touch", "capstone", "steady")
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class PolicyError(Exception):
    """A policy file that cannot be used; says the file, the line and what was expected."""


def _known_source(source: str) -> str:
    if source not in SOURCES:
        raise ValueError("must be the file name of one of the sources")
    return source


class CheckIn(BaseModel):
    """The two check-ins: with a stated date, and without one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stated: CheckInStated
    unstated: CheckInUnstated


class Policy(BaseModel):
    """A named rule set. `inherited` names the sections on which its own source is silent."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    name: str
    """The name of its file."""
    title: Annotated[str, Field(min_length=1)]
    """What it advises, in one line."""
    sources: tuple[Annotated[str, AfterValidator(_known_source)], ...] = ()
    """The articles that it follows."""
    inherited: tuple[str, ...] = ()
    """The sections that are `balanced`'s."""
    thank_you: Annotated[HoursAfterEnd | OnNextDay, Field(discriminator="counted_from")]
    """When the thank-yous go out."""
    check_in: CheckIn
    """When to check in, with a stated decision date and without one."""
    final_check_in: FinalCheckIn | None = None
    """When to write a last time; null where one does not."""
    offer_reply: OfferReply
    """When to answer an offer."""
    rejection_reply: RejectionReply
    """When to answer a rejection."""
    feedback_request: FeedbackRequest
    """Whether and when to ask for feedback instead."""
    situation_update: SituationUpdate
    """When to tell news that should not wait."""
    card: Card
    """What becomes of a postal address."""
    limit: Limit
    """How many messages may stand unanswered."""


INHERITABLE = (
    "thank_you",
    "check_in.stated",
    "check_in.unstated",
    "offer_reply",
    "rejection_reply",
    "feedback_request",
    "situation_update",
    "card",
    "limit",
)
"""The sections that a file may leave out; `final_check_in` is left out where there is none."""


def load_policies(extra: Path | None = None) -> Mapping[str, Policy]:
    """Every policy by name: the built-in ones, then the files of a folder; raises `PolicyError`."""
    folder = files("app.rules") / "policies"
    texts = {name: (f"{name}.toml", (folder / f"{name}.toml").read_text(encoding="utf-8")) for name in BUILT_IN}
    for path in _files_in(extra):
        texts[path.stem] = (str(path), _read(path, taken=texts.keys()))
    balanced = _parse(*texts[BALANCED])
    return {name: _build(name, file, text, balanced) for name, (file, text) in texts.items()}


def _files_in(folder: Path | None) -> list[Path]:
    if folder is None:
        return []
    if not folder.is_dir():
        raise PolicyError(f"{folder}: expected a folder of policy files (*.toml)")
    return sorted(folder.glob("*.toml"))


def _read(path: Path, taken: Any) -> str:
    if path.stem in taken:
        raise PolicyError(f"{path}, line 1: there is already a policy named {path.stem}; expected another file name")
    if not NAME.fullmatch(path.stem):
        raise PolicyError(f"{path}, line 1: expected a file name of lower-case words and hyphens, such as my-team.toml")
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(f"{path}, line 1: expected a readable file in UTF-8 ({error})") from error


def _parse(file: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        # tomllib names the line itself, except at the end of the file.
        line = re.search(r"line (\d+)", str(error))
        number = line[1] if line else text.count("\n") + 1
        raise PolicyError(f"{file}, line {number}: expected TOML ({error})") from error


def _build(name: str, file: str, text: str, balanced: dict[str, Any]) -> Policy:
    data = _parse(file, text)
    if reserved := data.keys() & {"name", "inherited"}:
        member = min(reserved)
        raise PolicyError(f"{file}, line {_line_of(text, (member,))}: {member}: is not a member of a policy file")
    whole, inherited = _inherit(data, balanced)
    try:
        return Policy.model_validate({**whole, "name": name, "inherited": inherited})
    except ValidationError as error:
        raise PolicyError("\n".join(_explain(file, text, fault) for fault in error.errors())) from error


def _inherit(data: dict[str, Any], balanced: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    whole, inherited = dict(data), []
    for section in INHERITABLE:
        outer, _, inner = section.partition(".")
        if inner and isinstance(whole.get(outer, {}), dict):
            whole[outer] = {inner: balanced[outer][inner], **whole.get(outer, {})}
            silent = inner not in data.get(outer, {})
        else:
            whole.setdefault(outer, balanced[outer])
            silent = outer not in data
        if silent:
            inherited.append(section)
    return whole, inherited


def _explain(file: str, text: str, fault: Any) -> str:
    path = tuple(str(part) for part in fault["loc"] if part not in ("end", "next_day"))
    expected = fault["msg"].removeprefix("Value error, ")
    if fault["type"] == "extra_forbidden":
        expected = "is not a member here; compare with balanced.toml"
    return f"{file}, line {_line_of(text, path)}: {'.'.join(path)}: {expected}"


def _line_of(text: str, path: tuple[str, ...]) -> int:
    """The line that holds a member, else that of the nearest table or list around it, else the first."""
    found, depth = 1, 0
    section: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[\[?([^\[\]=]+)\]", line):
            name = section = _split(header[1])
        elif member := re.match(r"\s*([\w.\s\"'-]+?)\s*=", line):
            name = section + _split(member[1])
        else:
            continue
        if depth < len(name) and path[: len(name)] == name:
            found, depth = number, len(name)
    return found


def _split(name: str) -> tuple[str, ...]:
    return tuple(part.strip(" \t\"'") for part in name.split("."))
