"""What can be said, from `app/templates`: read, compiled and checked at import. A broken template stops the start.

`templates/<kind>/phrases.toml` holds the wordings of every element, and the outlines: which elements a stage, a policy
or an intent asks for. `templates/<kind>/body.txt` is the order in which they stand. Wordings are Jinja with plain
slots, written warm; the formal ones are made of them.
"""

import tomllib
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, get_args

from jinja2 import FileSystemLoader, StrictUndefined, Template, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from app.drafting.slots import member_of
from app.language.contractions import expand
from app.language.sentences import split_sentences
from app.rules.catalogue import RULES
from app.rules.drafts import Tone
from app.rules.plans import Channel, Kind

FOLDER = Path(__file__).parent.parent / "templates"
FRAMES: Mapping[Channel, str] = {"email": "_letter.txt", "card": "_card.txt", "phone": "_call.txt"}
SUBJECT = "subject"
SENTENCES = ("_told", "_answer", "question")
"""How the slots end that hold sentences of their own."""

Name = Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")]


def make_environment(**options: Any) -> ImmutableSandboxedEnvironment:
    """Templates that cannot reach beyond what they are given, and fail where something is missing."""
    return ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(FOLDER), undefined=StrictUndefined, auto_reload=False, cache_size=-1, **options
    )


TEXT = make_environment(autoescape=False)
HTML = make_environment(autoescape=True, trim_blocks=True)


class Outline(BaseModel):
    """What is said, the most important first; what only where it would be too short else; what not if it is short."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    say: tuple[Name, ...]
    fillers: tuple[Name, ...] = ()
    spare: tuple[Name, ...] = ()


class _Way(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    rules: tuple[str, ...] = ()
    required: StrictBool = False
    needs: tuple[Name, ...] = ()
    say: Annotated[tuple[str, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Way:
    """One way to say an element: open where all its slots are known, and then any of its wordings will do."""

    rules: tuple[str, ...]
    needs: frozenset[str]
    wordings: Mapping[Tone, tuple[Template, ...]]
    sentences: tuple[int, ...] | None
    """How many sentences each wording has; None where that depends on what it tells."""
    members: tuple[str, ...]
    """The members of the facts that it tells."""

    @property
    def count(self) -> int:
        return len(self.wordings["warm"])

    def lacks(self, known: Container[str]) -> tuple[str, ...]:
        """The members of the facts that it would need besides the slots that are known."""
        return _members(slot for slot in self.needs if slot not in known)


@dataclass(frozen=True, slots=True)
class Part:
    """An element of a kind of email, with the ways to say it; one that is required has to be said."""

    name: str
    required: bool
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """All that one kind of email can say."""

    outlines: Mapping[str, Outline]
    parts: Mapping[str, Part]
    body: Template
    order: tuple[str, ...]
    """The elements as they stand in the body."""


def read_chapter(folder: Path) -> Chapter:
    """The chapter in a folder of templates. Raises ValueError for what is unknown, unused or not in its place."""
    tables = tomllib.loads((folder / "phrases.toml").read_text(encoding="utf-8"))
    outlines = {name: Outline.model_validate(table) for name, table in tables.pop("outline").items()}
    parts = {name: _read_part(name, ways) for name, ways in tables.items()}
    source = (folder / "body.txt").read_text(encoding="utf-8")
    frameless = {node.name for node in TEXT.parse(source).find_all(nodes.Name)} - {"frame"}
    order = tuple(node.name for node in TEXT.parse(source).find_all(nodes.Name) if node.name in frameless)
    _check(folder.name, outlines, parts, order)
    return Chapter(outlines, parts, TEXT.from_string(source), order)


def _read_part(name: str, tables: Any) -> Part:
    ways = [_Way.model_validate(table) for table in tables]
    return Part(name, any(way.required for way in ways), tuple(_compile(way) for way in ways))


def _compile(way: _Way) -> Way:
    if unknown := [rule for rule in way.rules if rule not in RULES]:
        raise ValueError(f"{', '.join(unknown)} is not in the catalogue")
    slots = frozenset[str]().union(*(meta.find_undeclared_variables(TEXT.parse(source)) for source in way.say))
    warm = tuple(_from_source(source) for source in way.say)
    formal = tuple(_from_source(expand(source)) for source in way.say)
    needs = slots | set(way.needs)
    blind = dict.fromkeys(slots, "it")
    sentences = tuple(len(split_sentences(wording.render(blind))) for wording in warm)
    told = any(slot.endswith(SENTENCES) for slot in slots)
    return Way(
        way.rules,
        needs,
        MappingProxyType({"warm": warm, "formal": formal}),
        None if told else sentences,
        _members(needs),
    )


def _members(slots: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({member for member in map(member_of, slots) if member is not None}))


@cache
def _from_source(source: str) -> Template:
    return TEXT.from_string(source)


def _check(kind: str, outlines: Mapping[str, Outline], parts: Mapping[str, Part], order: tuple[str, ...]) -> None:
    asked = {name for outline in outlines.values() for name in (*outline.say, *outline.fillers)}
    spare = {name for outline in outlines.values() for name in outline.spare}
    if not spare <= asked:
        raise ValueError(f"{kind}: {', '.join(sorted(spare - asked))} is spare, but never said")
    if not asked == set(order) == parts.keys() - {SUBJECT}:
        odd = ", ".join(sorted((asked ^ set(order)) | (set(order) ^ (parts.keys() - {SUBJECT}))))
        raise ValueError(f"{kind}: {odd} must stand in an outline, among the phrases and in the body")


CHAPTERS: Mapping[Kind, Chapter] = MappingProxyType({kind: read_chapter(FOLDER / kind) for kind in get_args(Kind)})
"""What every kind of email can say."""

PAGE: Template = HTML.get_template("_frame.html")
"""The page around the paragraphs of any email."""
