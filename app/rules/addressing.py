"""Who is meant: the recipient of a message, and the step of a plan that a message belongs to."""

from collections import Counter
from collections.abc import Sequence

from app.rules.facts import Interview, Person
from app.rules.plans import Channel, FollowUp, Kind, Plan
from app.rules.slugs import make_slugs
from app.rules.steps import choose_contact


class UnknownRecipient(LookupError):
    """Nobody, or more than one, can be meant; the text says who could be."""


def find_recipient(interview: Interview, kind: Kind, named: str | None) -> Person:
    """The one who is named by name, address or the key of a thank-you; unnamed, the one whom the plan would write to.

    Whoever is an interviewer comes as one, with what was talked about. Raises UnknownRecipient.
    """
    people = _people(interview)[: len(interview.interviewers) if kind == "thank_you" else None]
    if named is not None and (thanked := find_thanked(interview, named)):
        return thanked
    if named is not None:
        wanted = named.strip().casefold()
        found = [who for who in people if wanted and wanted in (who.name.casefold(), (who.email or "").casefold())]
    elif kind == "thank_you":
        found = people
    else:
        chosen = choose_contact(interview)
        found = [who for who in people if _is_same(who, chosen.name, chosen.email)][:1]
    if len(found) == 1:
        return found[0]
    if named is not None and found:
        raise UnknownRecipient(_say_shared(interview, people, found))
    raise UnknownRecipient(f"must be the name or the address of one of {', '.join(_name_each(interview, people))}")


def find_thanked(interview: Interview, key: str) -> Person | None:
    """The interviewer whom the thank-you with this key thanks; None where that one is no longer known."""
    return dict(zip(_keys(interview), interview.interviewers, strict=True)).get(key.removesuffix("/card"))


def find_step(
    planned: Plan, interview: Interview, kind: Kind, recipient: Person, channel: Channel | None = None
) -> FollowUp | None:
    """The step that a message belongs to: of its kind and channel, or at least of its kind.

    A thank-you belongs to its recipient's; of several check-ins or answers it is the last that is still open, else the
    last.
    """
    steps = [step for step in planned.follow_ups if step.kind == kind]
    if kind == "thank_you":
        own = {key for key, who in zip(_keys(interview), interview.interviewers, strict=True) if who is recipient}
        steps = [step for step in steps if step.key.removesuffix("/card") in own]
    steps = [step for step in steps if step.channel == channel] or steps
    if kind == "thank_you":
        return steps[0] if steps else None
    return next((step for step in reversed(steps) if step.state in {"planned", "due"}), steps[-1] if steps else None)


def _say_shared(interview: Interview, people: Sequence[Person], found: Sequence[Person]) -> str:
    keys = [key for who, key in zip(people, _keys(interview), strict=False) if who in found]  # the contact has none
    apart = f"an address that only one of them has, or the key ({', '.join(keys)})"
    return f"is shared by {len(found)} people; what tells them apart is {apart}"


def _name_each(interview: Interview, people: Sequence[Person]) -> list[str]:
    """The name of each; with one that is shared, what tells its bearers apart."""
    bearers = Counter(who.name.casefold() for who in people)
    marks = [*_keys(interview), "the contact"]
    return [
        f"{who.name} ({mark})" if bearers[who.name.casefold()] > 1 else who.name
        for who, mark in zip(people, marks, strict=False)
    ]


def _keys(interview: Interview) -> list[str]:
    return [f"thank_you/{slug}" for slug in make_slugs(who.name for who in interview.interviewers)]


def _people(interview: Interview) -> list[Person]:
    """The interviewers, then the contact unless that is one of them."""
    contact = interview.contact
    if contact is None or any(_is_same(who, contact.name, contact.email) for who in interview.interviewers):
        return list(interview.interviewers)
    return [*interview.interviewers, contact]


def _is_same(who: Person, name: str, email: str | None) -> bool:
    if who.email and email:
        return who.email.casefold() == email.casefold()
    return who.name.casefold() == name.casefold()
