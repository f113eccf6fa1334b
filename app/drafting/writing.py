"""An order written out: text, page and link, all of one composition."""

from urllib.parse import quote

from app.drafting.composing import compose, write_subject
from app.drafting.orders import Order
from app.drafting.phrasebook import CHAPTERS, FRAMES, PAGE, TEXT
from app.rules.drafts import Email
from app.rules.plans import Channel, Recipient

AROUND: dict[Channel, int] = {"email": 2, "card": 2, "phone": 0}
"""How many paragraphs of a text are greeting and signature."""


def write(order: Order) -> Email:
    """The email of an order, all parts but the findings. Raises Undraftable where a required fact is missing."""
    made = compose(order)
    subject = write_subject(order, made.slots)
    frame = TEXT.get_template(FRAMES[order.channel])
    paragraphs = _tidy(CHAPTERS[order.kind].body.render(made.slots | made.texts | {"frame": frame}))
    text = "\n\n".join("\n".join(lines) for lines in paragraphs) + "\n"
    return Email(
        kind=order.kind,
        channel=order.channel,
        to=(order.to,),
        as_of=order.as_of,
        subject=subject,
        text=text,
        html=PAGE.render(subject=subject, paragraphs=paragraphs),
        mailto=_link(order.to, subject, text) if order.channel == "email" else None,
        sentences=made.sentences,
        paragraphs=len(paragraphs) - AROUND[order.channel],
        elements=tuple(made.elements),
        omitted=tuple(made.omitted),
    )


def _tidy(rendered: str) -> list[list[str]]:
    """The lines of every paragraph that says something, without the space that dropped elements leave."""
    paragraphs = [[" ".join(line.split()) for line in part.split("\n")] for part in rendered.split("\n\n")]
    return [lines for part in paragraphs if (lines := [line for line in part if line])]


def _link(to: Recipient, subject: str, text: str) -> str:
    """A mailto (RFC 6068), whose lines end as those of mail do."""
    body = quote(text.replace("\n", "\r\n"), safe="")
    return f"mailto:{quote(to.email or '', safe='@')}?subject={quote(subject, safe='')}&body={body}"
