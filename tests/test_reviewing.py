from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from app.examples import AS_OF, DRAFT, EVENTS, INTERVIEW
from app.proofreading import LONGEST, load_proofreader
from app.reviewing import read_draft, review
from app.rules import facts
from app.rules.addressing import UnknownRecipient
from app.rules.dossier import Dossier
from app.rules.drafts import Draft
from app.rules.policy import load_policies
from app.schemas import ScheduleRequest, StoredDraftRequest

NOW = datetime.fromisoformat(AS_OF)
ASKED = ScheduleRequest.model_validate({"interview": INTERVIEW, "events": EVENTS})
KNOWN = Dossier(ASKED.interview, ASKED.events, load_policies()["balanced"])
PROOFREADER = load_proofreader()


def _draft(known: Dossier | None = KNOWN, **members: Any) -> Draft:
    return read_draft(StoredDraftRequest.model_validate({"kind": "thank_you", "text": "Hi.\n"} | members), known, NOW)


def test_without_an_interview_a_recipient_is_a_name_or_an_address() -> None:
    assert _draft(None).recipient is None
    assert _draft(None, recipient="Tom Berg").recipient == facts.Person(name="Tom Berg")
    assert _draft(None, recipient="t@b.example").recipient == facts.Person(name="", email="t@b.example")
    assert _draft(None, recipient="Tom Berg").standing is None


def test_the_recipient_is_one_of_the_interview_or_the_one_of_the_plan() -> None:
    assert _draft(recipient="tom berg").recipient == ASKED.interview.interviewers[1]
    assert _draft(kind="check_in").recipient == ASKED.interview.interviewers[2]
    with pytest.raises(UnknownRecipient):
        _draft(recipient="Bob")


def test_a_panel_can_be_thanked_without_saying_which_of_them_is_meant() -> None:
    draft = _draft()
    assert draft.recipient is None
    assert draft.standing is None
    assert draft.interview == ASKED.interview


def test_how_a_message_stands_is_asked_for_when_it_goes_out() -> None:
    standing = _draft(kind="check_in").standing
    assert standing is not None
    assert standing.as_of == NOW
    later = _draft(kind="check_in", as_of="2026-12-02T10:00:00-05:00").standing
    assert later is not None
    assert later.as_of == datetime.fromisoformat("2026-12-02T10:00:00-05:00")


def test_all_that_is_said_of_a_draft_is_known_of_it() -> None:
    draft = _draft(subject="Hello", length="short", channel="card", other_drafts=["Hi Tom"])
    assert (draft.subject, draft.length, draft.channel, draft.other_drafts) == ("Hello", "short", "card", ("Hi Tom",))
    assert _draft().channel == "email"


def test_rules_and_dictionary_speak_in_the_order_of_the_text() -> None:
    found = review(
        _draft(text="Hi Tom,\n\nThank you for tellling me about [topic] at lentgh.\n", recipient="Tom Berg"),
        PROOFREADER,
    )
    rules = [finding.rule for finding in found.findings if finding.span]
    assert [rule for rule in rules if rule in {"lint.spelling", "lint.placeholder"}] == [
        "lint.spelling",
        "lint.placeholder",
        "lint.spelling",
    ]
    assert (found.verdict, found.proofreading) == ("stop", "done")


@pytest.mark.parametrize("word", ["Priyaa", "Zyxell", "Qwertz", "Streamlit", "Frobnicator", "Tobm"])
def test_the_words_of_an_interview_are_never_misspelt(word: str) -> None:
    interview = ASKED.interview.model_copy(
        update={
            "company": f"{word} Inc.",
            "job_title": f"{word} Engineer",
            "interviewers": (facts.Interviewer(name=f"Tom {word}", title=word, topics=(f"the {word.lower()}",)),),
        }
    )
    text = f"Hi Tom,\n\nThank you for showing me {word} and the {word.lower()} today.\n"
    draft = replace(_draft(), text=text, interview=interview)
    assert "lint.spelling" not in {finding.rule for finding in review(draft, PROOFREADER).findings}


def test_the_answer_says_whether_the_spelling_was_looked_at() -> None:
    assert review(_draft(text="Hi Tom.\n"), PROOFREADER).proofreading == "done"
    assert review(_draft(text="Hi Tom.\n"), None).proofreading == "unavailable"
    assert review(_draft(text="a" * LONGEST), PROOFREADER).proofreading == "done"
    assert review(_draft(text="a" * (LONGEST + 1)), PROOFREADER).proofreading == "too_long"


def test_a_body_is_counted_without_greeting_and_signature() -> None:
    found = review(_draft(text=DRAFT["text"], recipient="Tom Berg"), None)
    assert (found.sentences, found.paragraphs) == (4, 2)
