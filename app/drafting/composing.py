"""From an order to its sentences: what is said, in which wording, and what is left out, and why."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from app.drafting.orders import Order, Undraftable
from app.drafting.outlines import choose_outline, find_room, members_of
from app.drafting.phrasebook import CHAPTERS, SUBJECT, Part, Way
from app.drafting.slots import member_of, read_slots
from app.drafting.tellings import BRIEF, Slots
from app.drafting.wordings import choose, seed_of
from app.language.sentences import split_sentences
from app.rules.drafts import Element, Omission

SHORT_SUBJECT = 60
"""A subject stays below so many characters where the names allow."""
_DOUBLED_STOP = re.compile(r"(?<!\.)\.\.(?=\s|$)|(?<=[?!…])\.(?=\s|$)")


@dataclass(frozen=True, slots=True)
class Said:
    """An element in its words."""

    rules: tuple[str, ...]
    text: str
    sentences: int
    members: tuple[str, ...]
    """The members of the facts that it tells."""


@dataclass(slots=True)
class Composition:
    """What an email says, in the order of importance, and what it leaves out."""

    order: Order
    slots: Slots
    said: dict[str, Said] = field(default_factory=dict)
    omitted: list[Omission] = field(default_factory=list)

    @property
    def sentences(self) -> int:
        return sum(said.sentences for said in self.said.values())

    @property
    def texts(self) -> dict[str, str]:
        """Every element of the body by its name, what is not said as nothing."""
        body = CHAPTERS[self.order.kind].order
        return dict.fromkeys(body, "") | {name: said.text for name, said in self.said.items()}

    @property
    def elements(self) -> Iterator[Element]:
        """What is said, in the order of the body, once for each rule that asked for it."""
        for name in CHAPTERS[self.order.kind].order:
            if name in self.said:
                said = self.said[name]
                yield from (Element(rule, said.text) for rule in said.rules)


def compose(order: Order) -> Composition:
    """What an order says. Raises Undraftable where a required fact is missing."""
    outline, (low, high), seed = choose_outline(order), find_room(order), seed_of(order)
    made = Composition(order, read_slots(order, members_of(order.kind, outline)))
    kept = _withhold(order, made.slots)
    for name in (*outline.say, *outline.fillers):
        if name in outline.fillers and made.sentences >= low:
            break
        part = CHAPTERS[order.kind].parts[name]
        way = next((way for way in part.ways if way.needs <= kept.keys()), None)
        if way is None:
            made.omitted.append(_explain(order, part, made.slots, kept))
            continue
        said = _say(order, way, kept, choose(seed, order.position, name, len(made.said), way.count))
        spared = order.options.length == "short" and name in outline.spare
        if spared or made.sentences + said.sentences > high:
            made.omitted.append(Omission(said.rules[0], said.members or ("options.length",), "too_long"))
        else:
            made.said[name] = said
    _drop_repeats(made)
    return made


def write_subject(order: Order, slots: Slots) -> str:
    """The first subject that the facts allow and that is short enough, else the shortest."""
    ways = CHAPTERS[order.kind].parts[SUBJECT].ways
    subjects = [_render(order, way, slots, 0) for way in ways if way.needs <= slots.keys()]
    return next((subject for subject in subjects if len(subject) < SHORT_SUBJECT), min(subjects, key=len))


def _drop_repeats(made: Composition) -> None:
    """An omission is none where all that it needs is known and told in another element."""
    told = {member for said in made.said.values() for member in said.members}
    told |= {"options.length"} if made.order.options.length == "full" else set()
    made.omitted = [left for left in made.omitted if not told.issuperset(left.needs)]


def _withhold(order: Order, slots: Slots) -> Slots:
    """The slots without the long facts of a whole panel that another of its members is told."""
    people = len(order.interview.interviewers)
    if order.kind != "thank_you" or people == 1 or not order.was_there:
        return slots
    lengths: dict[str, int] = {}
    for slot, text in slots.items():
        if (member := _shared_member(slot)) is not None:
            lengths[member] = lengths.get(member, 0) + len(text.split())
    turns = (member for member, words in lengths.items() if words > BRIEF)
    elsewhere = {member for turn, member in enumerate(turns) if turn % people != order.position}
    return {slot: text for slot, text in slots.items() if _shared_member(slot) not in elsewhere}


def _shared_member(slot: str) -> str | None:
    """The member of the facts that every member of a panel could be told."""
    member = member_of(slot)
    is_shared = member is not None and member.startswith("notes.") and member != "notes.topics"
    return member if is_shared else None


def _explain(order: Order, part: Part, slots: Slots, kept: Slots) -> Omission:
    """Why a part cannot be said. Raises Undraftable where it has to be."""
    if part.required:
        raise _require(order, part, slots)
    way = next((way for way in part.ways if way.needs <= slots.keys()), None)
    if way is not None:
        return Omission(way.rules[0], way.lacks(kept), "told_to_another")
    first = part.ways[0]
    return Omission(first.rules[0], first.lacks(slots), "missing")


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


def _say(order: Order, way: Way, slots: Slots, number: int) -> Said:
    text = _render(order, way, slots, number)
    sentences = way.sentences[number] if way.sentences else len(split_sentences(text))
    return Said(way.rules, text, sentences, way.members)


def _render(order: Order, way: Way, slots: Slots, number: int) -> str:
    return _DOUBLED_STOP.sub(_settle_stop, way.wordings[order.options.tone][number].render(slots))


def _settle_stop(found: re.Match[str]) -> str:
    return "." if found[0] == ".." else ""
