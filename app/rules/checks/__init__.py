"""The check of drafts: small functions, at least one for each rule of what a draft must not do (section 4).

`lint.wrong_name` takes four, for the greeting, the thanks, the company and the role, and `lint.demand` takes two.
Spelling is the proofreading library's; everything else stands here, and needs nothing but the draft.
"""

from collections.abc import Callable, Iterable, Iterator

from app.rules.checks.copies import check_copied
from app.rules.checks.greetings import check_greeting, check_thanked
from app.rules.checks.lengths import check_too_long, check_too_short
from app.rules.checks.mentions import check_company, check_role
from app.rules.checks.parts import miss
from app.rules.checks.placeholders import check_placeholder
from app.rules.checks.proofs import check_punctuation, check_repeated_word
from app.rules.checks.questions import check_question_list
from app.rules.checks.reading import Reading
from app.rules.checks.specifics import check_generic
from app.rules.checks.timing import check_instructed, check_too_many, check_too_soon
from app.rules.checks.unwelcome import check_pay_in_subject, look_for
from app.rules.drafts import Draft, Finding, Verdict

Check = Callable[[Reading], Iterator[Finding]]

CHECKS: tuple[Check, ...] = (
    check_placeholder,
    check_greeting,
    check_thanked,
    check_company,
    check_role,
    check_too_many,
    check_too_soon,
    check_instructed,
    miss("no_thanks"),
    check_generic,
    miss("no_next_step"),
    check_too_long,
    check_too_short,
    look_for("salary"),
    check_pay_in_subject,
    look_for("apology"),
    look_for("demand"),
    look_for("deadline"),
    look_for("social"),
    look_for("negative_feedback"),
    check_question_list,
    check_copied,
    check_repeated_word,
    check_punctuation,
)
"""Every check, in the order in which a reader would mind."""


def check(draft: Draft) -> tuple[Finding, ...]:
    """Everything that the rules find in a draft: what is about the whole first, then by its place and its rule."""
    reading = Reading(draft)
    found = [finding for look in CHECKS for finding in look(reading)]
    return tuple(sorted(found, key=_place))


def judge(findings: Iterable[Finding]) -> Verdict:
    """Whether a draft may go out: not with an error; better not with a warning; a hint holds nothing up."""
    severities = {finding.severity for finding in findings}
    if "error" in severities:
        return "stop"
    return "improve" if "warning" in severities else "ready"


def count_sentences(draft: Draft) -> int:
    """How many sentences the body has, greeting and signature left aside."""
    return len(Reading(draft).sentences)


def count_paragraphs(draft: Draft) -> int:
    """How many paragraphs the body has, greeting and signature left aside."""
    return len(Reading(draft).paragraphs)


def _place(finding: Finding) -> tuple[int, int, str]:
    span = finding.span
    return (-1, -1, finding.rule) if span is None else (span.start, span.end, finding.rule)
