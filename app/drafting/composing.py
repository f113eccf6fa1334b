"""From an order to its sentences: what is said, in which wording, and what is left out, and why."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from app.drafting.orders import Order, Undraftable
from app.drafting.phrasebook import CHAPTERS, SUBJECT, Chapter, Outline, Part, Way
from app.drafting.slots import member_of
from app.drafting.tellings import Slots
from app.drafting.wordings import choose, seed_of
from app.language.sentences import split_sentences
from app.rules.drafts import Element, Omission
from app.rules.plans import Kind

SHORT_SUBJECT = 60
"""A subject stays below so many characters where the names allow."""
BRIEF = 12
"""A fact of more words is told to one member of a panel only: to all, it would make their emails alike."""

_DOUBLED_STOP = re.compile(r"(?<!\.)\.\.(?=\s|$)|(?<=[?!…])\.(?=\s|$)")


@dataclass(frozen=True, slots=True)
class Said:
    """An element in its words."""

    name: str
    rules: tuple[str, ...]
    text: str
    sentences: int
    members: tuple[str, ...]
    """The members of the facts that it tells."""


@dataclass(slots=True)
class Composition:
    """What an email says and leaves out; `said` is in the order of importance."""

    said: dict[str, Said] = field(default_factory=dict)
    omitted: list[Omission] = field(default_factory=list)

    @property
    def sentences(self) -> int:
        return sum(said.sentences for said in self.said.values())


def compose(order: Order, outline: Outline, slots: Slots, room: tuple[int, int]) -> Composition:
    """What an order says, with at least and at most so many sentences. Raises Undraftable without a required fact."""
    chapter, seed, (low, high) = CHAPTERS[order.kind], seed_of(order), room
    kept = _withhold(order, slots)
    made = Composition()
    for name in (*outline.say, *outline.fillers):
        if name in outline.fillers and made.sentences >= low:
            break
        part = chapter.parts[name]
        way = next((way for way in part.ways if way.needs <= kept.keys()), None)
        if way is None:
            made.omitted.append(_explain(order, part, slots, kept))
            continue
        said = _say(
            order, part, way, kept, choose(seed, order.position, name, len(made.said), len(way.wordings["warm"]))
        )
        if made.sentences + said.sentences <= high:
            made.said[name] = said
        elif said.members:
            made.omitted.append(Omission(way.rules[0], said.members, "too_long"))
    used = {member for name in made.said for member in made.said[name].members}
    made.omitted = [omission for omission in made.omitted if not used.issuperset(omission.needs)]
    return made


def choose_outline(order: Order, chapter: Chapter) -> Outline:
    """The outline for an order, the most particular first."""
    interview, options = order.interview, order.options
    particular = {
        "offer_reply": options.intent or "discuss",
        "rejection_reply": "with_feedback" if options.with_feedback else "default",
        "situation_update": order.change.change if order.change else "other",
    }
    names = (
        order.channel,
        particular.get(order.kind, ""),
        f"{interview.stage}.{order.policy.name}",
        interview.stage,
        order.policy.name,
        "default",
    )
    return next(chapter.outlines[name] for name in names if name in chapter.outlines)


@cache
def members_of(kind: Kind, outline: Outline) -> frozenset[str]:
    """The members of the facts that an outline of a kind can tell."""
    parts = CHAPTERS[kind].parts
    names = (SUBJECT, *outline.say, *outline.fillers)
    return frozenset(member for name in names for way in parts[name].ways for member in _members(way.needs))


def write_subject(order: Order, slots: Slots) -> str:
    """The first subject that the facts allow and that is short enough, else the shortest."""
    ways = CHAPTERS[order.kind].parts[SUBJECT].ways
    subjects = [_say_way(order, way, slots, 0) for way in ways if way.needs <= slots.keys()]
    return next((subject for subject in subjects if len(subject) < SHORT_SUBJECT), min(subjects, key=len))


def _withhold(order: Order, slots: Slots) -> Slots:
    """The slots without the long facts of a whole panel that another of its members is told."""
    people = len(order.interview.interviewers)
    if order.kind != "thank_you" or people == 1 or not order.was_there:
        return slots
    lengths: dict[str, int] = {}
    for slot, text in slots.items():
        member = member_of(slot)
        if member is not None and _is_shared(member):
            lengths[member] = lengths.get(member, 0) + len(text.split())
    turns = (member for member, words in lengths.items() if words > BRIEF)
    elsewhere = {member for turn, member in enumerate(turns) if turn % people != order.position}
    return {slot: text for slot, text in slots.items() if member_of(slot) not in elsewhere}


def _is_shared(member: str) -> bool:
    return member == "interviewers.insight" or (member.startswith("notes.") and member != "notes.topics")


@cache
def _members(needs: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted({member for member in map(member_of, needs) if member is not None}))


def _explain(order: Order, part: Part, slots: Slots, kept: Slots) -> Omission:
    """Why a part cannot be said. Raises Undraftable where it has to be."""
    if part.required:
        raise _require(order, part, slots)
    way = next((way for way in part.ways if way.needs <= slots.keys()), None)
    if way is not None:
        return Omission(way.rules[0], _members(way.needs.difference(kept)), "told_to_another")
    first = part.ways[0]
    return Omission(first.rules[0], _members(first.needs.difference(slots)), "missing")


def _require(order: Order, part: Part, slots: Slots) -> Undraftable:
    way = part.ways[0]
    template = way.wordings[order.options.tone][0]
    sentence = template.render({name: slots.get(name, "…") for name in way.needs})
    detail = f"is required: without it there is no “{sentence}”"
    if order.kind == "situation_update":
        return Undraftable(("events",), f"{detail}; say in the detail of situation_changed what changed")
    if order.was_there:
        return Undraftable(("interview", "interviewers", order.position, "topics"), f"{detail} (notes.topics would do)")
    return Undraftable(("interview", "notes", "topics"), detail)


def _say(order: Order, part: Part, way: Way, slots: Slots, number: int) -> Said:
    text = _say_way(order, way, slots, number)
    sentences = way.sentences[number] if way.sentences else len(split_sentences(text))
    return Said(part.name, way.rules, text, sentences, _members(way.needs))


def _say_way(order: Order, way: Way, slots: Slots, number: int) -> str:
    return _DOUBLED_STOP.sub(_settle_stop, way.wordings[order.options.tone][number].render(slots))


def _settle_stop(found: re.Match[str]) -> str:
    return "." if found[0] == ".." else ""


def elements_of(made: Composition, order: Sequence[str]) -> Iterator[Element]:
    """What was said, in the order of the text, once for each rule that asked for it."""
    for name in order:
        if name in made.said:
            said = made.said[name]
            yield from (Element(rule, said.text) for rule in said.rules)


def as_context(made: Composition, parts: Mapping[str, Part]) -> dict[str, str]:
    """Every element by its name, what is not said as nothing."""
    return {name: made.said[name].text if name in made.said else "" for name in parts}
