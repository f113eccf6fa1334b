"""One question is the measure, or the few that time left unasked."""

import re
from collections.abc import Iterator

from app.language.sentences import Stretch
from app.rules.checks.findings import cut, find
from app.rules.checks.reading import Reading
from app.rules.drafts import Finding

MOST_QUESTIONS = 2
MOST_LISTED = 1
MOST_STRUNG = 3

_POINT = re.compile(r"(?:[-*•·‣]|\(?\d{1,2}[.)]|\(?[a-h]\))\s")
_WONDERS = re.compile(r"\b(?:know|wonder|wondering|ask|asking|tell me|curious|hear|learn|understand)\b", re.IGNORECASE)
_CLAUSE = re.compile(r"[,;] (?:and |or )?(?:also )?(?:who|what|how|when|where|why|which|whether|if)\b", re.IGNORECASE)
STRUNG = (
    "Several questions are strung together here, and each of them waits for an answer. Keep the one that matters most"
    " to you, and save the rest for the next conversation."
)


def check_question_list(reading: Reading) -> Iterator[Finding]:
    """Three questions or more, or two as points of a list."""
    asked = list(find_asked(reading))
    listed = [sentence for sentence in asked if _POINT.match(sentence.text)]
    strings = [sentence for sentence in reading.sentences if _strings_questions(sentence.text)]
    if strings and len(asked) <= MOST_QUESTIONS:
        yield find("lint.question_list", "warning", STRUNG, strings[0])
    elif len(asked) > MOST_QUESTIONS or len(listed) > MOST_LISTED:
        message = (
            f"There are {len(asked)} questions here, and a list of them reads like homework. Keep the one that matters"
            " most to you, and save the rest for the next conversation."
        )
        yield find("lint.question_list", "warning", message, cut(reading.draft.text, asked[0].start, asked[-1].end))


def find_asked(reading: Reading) -> Iterator[Stretch]:
    """The sentences that end as a question, and not in a name that has a question mark of its own."""
    strange = tuple(name for name in reading.names if name.endswith("?"))
    for sentence in reading.sentences:
        bare = sentence.text.rstrip("\"')]*_\N{RIGHT DOUBLE QUOTATION MARK}")
        if bare.endswith("?") and not bare.endswith(strange):
            yield sentence


def _strings_questions(sentence: str) -> bool:
    """Whether a sentence asks more than three things without a question mark between them."""
    return bool(_WONDERS.search(sentence)) and len(_CLAUSE.findall(sentence)) >= MOST_STRUNG
