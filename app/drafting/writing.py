"""An order written out: text, page and link, all of one composition."""

from urllib.parse import quote

from app.drafting.composing import as_context, choose_outline, compose, elements_of, members_of, write_subject
from app.drafting.orders import Order
from app.drafting.phrasebook import CHAPTERS, FRAMES, PAGE, TEXT
from app.drafting.slots import read_slots
from app.rules.checks.lengths import measure_of
from app.rules.drafts import Draft, Email, Standing
from app.rules.plans import Channel, Recipient

SHORT, LONG = 3, 8
"""At most so many sentences where no rule sets a measure."""

AROUND: dict[Channel, int] = {"email": 2, "card": 2, "phone": 0}
"""How many paragraphs of a text are greeting and signature."""


def write(order: Order) -> Email:
    """The email of an order, all parts but the findings. Raises Undraftable where a required fact is missing."""
    chapter = CHAPTERS[order.kind]
    outline = choose_outline(order, chapter)
    slots = read_slots(order, members_of(order.kind, outline))
    made = compose(order, outline, slots, find_room(order))
    subject = write_subject(order, slots)
    frame = TEXT.get_template(FRAMES[order.channel])
    paragraphs = _tidy(chapter.body.render(slots | as_context(made, chapter.parts) | {"frame": frame}))
    text = "\n\n".join("\n".join(lines) for lines in paragraphs) + "\n"
    return Email(
        kind=order.kind,
        channel=order.channel,
        to=(order.to,),
        subject=subject,
        text=text,
        html=PAGE.render(subject=subject, paragraphs=paragraphs),
        mailto=_link(order.to, subject, text) if order.channel == "email" else None,
        sentences=made.sentences,
        paragraphs=len(paragraphs) - AROUND[order.channel],
        elements=tuple(elements_of(made, chapter.order)),
        omitted=tuple(made.omitted),
    )


def find_room(order: Order) -> tuple[int, int]:
    """How many sentences there are to be, at least and at most: as the check of drafts will measure it."""
    measure = measure_of(as_draft(order))
    return measure or (0, SHORT if order.options.length == "short" else LONG)


def as_draft(order: Order, subject: str | None = None, text: str = "", standing: Standing | None = None) -> Draft:
    """What is written to an order as a draft that can be checked."""
    return Draft(
        kind=order.kind,
        text=text,
        subject=subject,
        channel=order.channel,
        length=order.options.length,
        recipient=order.recipient,
        interview=order.interview,
        standing=standing,
    )


def _tidy(rendered: str) -> list[list[str]]:
    """The lines of every paragraph that says something, without the space that dropped elements leave."""
    paragraphs = [[" ".join(line.split()) for line in part.split("\n")] for part in rendered.split("\n\n")]
    return [lines for part in paragraphs if (lines := [line for line in part if line])]


def _link(to: Recipient, subject: str, text: str) -> str:
    """A mailto (RFC 6068), whose lines end as those of mail do."""
    body = quote(text.replace("\n", "\r\n"), safe="")
    return f"mailto:{quote(to.email or '', safe='@')}?subject={quote(subject, safe='')}&body={body}"
