"""What is known around a draft: no check blames a draft for saying it."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from app.language.sentences import split_sentences
from app.language.tidying import tidy
from app.rules.facts import Interview, Person

SHORTEST = 2
MOST_SENTENCES = 4
"""A fact of more sentences is known by its first ones, and as a whole."""
_INNER_STOPS = (". ", "! ", "? ")
_LED_IN = re.compile(r"(?:we (?:talked|spoke) about|we discussed|talking about|you said|that|the|an?) ", re.IGNORECASE)


def collect_facts(interview: Interview | None, recipient: Person | None) -> set[str]:
    """Every fact as it may stand in a sentence: whole, by its sentences, without its closing stop."""
    told = [] if recipient is None else list(_about(recipient))
    told += [] if interview is None else list(_all_of(interview))
    pieces = {piece for text in told if text for piece in as_written(text)}
    return {piece for piece in pieces if len(piece) >= SHORTEST}


def collect_names(interview: Interview | None, recipient: Person | None) -> set[str]:
    """What the company, the role and the people are called, in as many words."""
    told = set() if recipient is None else {recipient.name}
    if interview is not None:
        people = (interview.candidate, interview.contact, *interview.interviewers)
        titles = {who.title for who in interview.interviewers if who.title}
        told |= {interview.company, interview.job_title, *titles, *(who.name for who in people if who)}
    return {name.strip() for name in told if len(name.strip()) >= SHORTEST}


def find_topics(interview: Interview) -> list[str]:
    """What was talked about, and what the candidate wrote down about it."""
    return list(filter(None, [*_topics(interview.interviewers), *_noted(interview)]))


def _all_of(interview: Interview) -> Iterator[str | None]:
    yield from (interview.company, interview.job_title, interview.application_ref)
    for person in (interview.candidate, interview.contact, *interview.interviewers):
        if person is not None:
            yield from _about(person)
    for who in interview.interviewers:
        yield from (who.title, who.postal_address)
    yield from find_topics(interview)


def _about(person: Person) -> Iterator[str | None]:
    yield from (person.name, person.email, getattr(person, "salutation", None))


def _topics(interviewers: Iterable[Person]) -> Iterator[str | None]:
    for who in interviewers:
        yield from getattr(who, "topics", ())
        yield getattr(who, "insight", None)


def _noted(interview: Interview) -> Iterator[str | None]:
    notes = interview.notes
    yield from (*notes.topics, notes.fit, notes.contribution, notes.understanding)
    for revisit in notes.revisit:
        yield from (revisit.topic, revisit.answer)
    for concern in notes.concerns:
        yield from (concern.raised, concern.answer)
    yield from (*notes.questions, *notes.references)


@lru_cache(maxsize=1024)  # the same facts stand around draft after draft
def as_written(text: str) -> frozenset[str]:
    """A fact as it may stand in a sentence: whole, by its own sentences, and without a lead-in or a closing stop."""
    line = tidy(text)
    inner = split_sentences(line)[:MOST_SENTENCES] if any(stop in line for stop in _INNER_STOPS) else []
    bare = {piece.rstrip(".!?;, ") for piece in (line, *(sentence.text for sentence in inner))}
    led_in = {piece[found.end() :] for piece in bare if (found := _LED_IN.match(piece))}
    return frozenset({line} | bare | led_in)
