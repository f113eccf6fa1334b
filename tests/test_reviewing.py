import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from app.examples import AS_OF, DRAFT, EVENTS, INTERVIEW
from app.proofreading import LONGEST, Proofreader, load_proofreader
from app.proofreading.speller import Lint, Speller
from app.reviewing import read_draft, review
from app.rules import facts
from app.rules.addressing import UnknownRecipient
from app.rules.dossier import Dossier
from app.rules.drafts import Draft
from app.rules.policy import load_policies
from app.schemas import Review, ScheduleRequest, StoredDraftRequest

NOW = datetime.fromisoformat(AS_OF)
POLICIES = load_policies()
PROOFREADER = load_proofreader()


def _know(events: list[dict[str, Any]] = EVENTS, **changes: Any) -> Dossier:
    """The example, but for what is said otherwise."""
    told = ScheduleRequest.model_validate({"interview": INTERVIEW | changes, "events": events})
    return Dossier(told.interview, told.events, POLICIES[told.interview.policy])


KNOWN = _know()


def _ask(**members: Any) -> StoredDraftRequest:
    return StoredDraftRequest.model_validate({"kind": "thank_you", "text": "Hi.\n"} | members)


def _draft(known: Dossier | None = KNOWN, **members: Any) -> Draft:
    return read_draft(_ask(**members), known, NOW)


def _review(known: Dossier | None = KNOWN, proofreader: Proofreader | None = PROOFREADER, **members: Any) -> Review:
    return review(_ask(**members), known, NOW, proofreader)


def test_without_an_interview_a_recipient_is_a_name_or_an_address() -> None:
    assert _draft(None).recipient is None
    assert _draft(None, recipient="Tom Berg").recipient == facts.Person(name="Tom Berg")
    assert _draft(None, recipient="t@b.example").recipient == facts.Person(name="", email="t@b.example")
    assert _draft(None, recipient="Tom Berg").standing is None


def test_the_recipient_is_one_of_the_interview_or_the_one_of_the_plan() -> None:
    assert _draft(recipient="tom berg").recipient == KNOWN.interview.interviewers[1]
    assert _draft(kind="check_in").recipient == KNOWN.interview.interviewers[2]
    with pytest.raises(UnknownRecipient):
        _draft(recipient="Bob")


def test_a_panel_can_be_thanked_without_saying_which_of_them_is_meant() -> None:
    draft = _draft()
    assert draft.recipient is None
    assert draft.standing is None
    assert draft.interview == KNOWN.interview


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


def test_a_draft_goes_as_it_is_planned_unless_it_says_otherwise() -> None:
    reachable = INTERVIEW["interviewers"][0] | {"postal_address": "1 Pier Road, Boston, MA"}
    known = _know([], policy="capstone", interviewers=[reachable, *INTERVIEW["interviewers"][1:]])
    assert _draft(known, recipient="Priya Shah").channel == "card"
    assert _draft(known, recipient="Tom Berg").channel == "email"
    assert _draft(known, recipient="Priya Shah", channel="email").channel == "email"
    assert _draft(known, recipient="Priya Shah", kind="check_in").channel == "email"


def test_a_draft_goes_by_phone_where_the_company_asked_for_that() -> None:
    asked = {"type": "instruction_given", "occurred_at": "2026-11-20T16:30:00-05:00", "channel": "phone"}
    assert _draft(_know([asked]), kind="check_in").channel == "phone"


def test_a_draft_of_which_nothing_is_planned_is_an_email() -> None:
    assert _draft(kind="offer_reply").channel == "email"
    assert _draft().channel == "email"
    assert _draft(None).channel == "email"


@pytest.mark.parametrize("channel", ["email", "phone", None])
def test_a_check_in_has_its_window_by_whatever_channel_it_goes(channel: str | None) -> None:
    standing = _draft(kind="check_in", channel=channel).standing
    assert standing is not None
    assert standing.opens_at == datetime.fromisoformat("2026-12-02T09:00:00-05:00")


def test_rules_and_dictionary_speak_in_the_order_of_the_text() -> None:
    found = _review(text="Hi Tom,\n\nThank you for tellling me about [topic] at lentgh.\n", recipient="Tom Berg")
    rules = [finding.rule for finding in found.findings if finding.span]
    assert [rule for rule in rules if rule in {"lint.spelling", "lint.placeholder"}] == [
        "lint.spelling",
        "lint.placeholder",
        "lint.spelling",
    ]
    assert (found.verdict, found.proofreading) == ("stop", "done")


PERSON = {"name": "Tom Berg", "topics": ["Kafka"]}
TOLD: dict[str, dict[str, Any]] = {
    "company": {"company": "Tellling"},
    "job title": {"job_title": "Tellling Engineer"},
    "candidate": {"candidate": {"name": "Ana Tellling"}},
    "interviewer": {"interviewers": [PERSON, PERSON | {"name": "Lee Tellling"}]},
    "title": {"interviewers": [PERSON | {"title": "Head of tellling"}]},
    "salutation": {"interviewers": [PERSON | {"salutation": "Frau Tellling"}]},
    "topic of a person": {"interviewers": [PERSON | {"topics": ["the tellling"]}]},
    "insight": {"interviewers": [PERSON | {"insight": "Most tellling hides at the seams."}]},
    "contact": {"contact": {"name": "Kim Tellling"}},
    **{
        member: {"notes": {member: text}}
        for member, text in {
            "topics": ["the tellling"],
            "fit": "Ten years of tellling.",
            "contribution": "A tellling within a month.",
            "understanding": "That all do their own tellling.",
            "revisit": [{"topic": "Kafka", "answer": "I would do the tellling."}],
            "concerns": [{"raised": "No tellling.", "answer": "I did some."}],
            "questions": ["How do you measure tellling?"],
            "references": ["Dana Fox, who led the tellling"],
        }.items()
    },
}
MISSPELT = "Hi Tom,\n\nThank you for showing me the tellling today.\n"


def _misspelt(found: Review) -> list[str]:
    return [finding.span.text for finding in found.findings if finding.rule == "lint.spelling" and finding.span]


@pytest.mark.parametrize("changes", TOLD.values(), ids=list(TOLD))
def test_no_word_of_an_interview_is_misspelt(changes: dict[str, Any]) -> None:
    alone: dict[str, Any] = {"interviewers": [PERSON], "notes": {}}
    assert _misspelt(_review(_know([], **alone), text=MISSPELT, recipient="Tom Berg")) == ["tellling"]
    assert _misspelt(_review(_know([], **alone | changes), text=MISSPELT, recipient="Tom Berg")) == []


def test_no_word_of_what_happened_since_is_misspelt() -> None:
    changed = {"type": "situation_changed", "occurred_at": AS_OF, "change": "publication", "detail": "On tellling."}
    text = "Hi Lee,\n\nMy article on tellling was published.\n"
    assert _misspelt(_review(_know([]), kind="situation_update", text=text)) == ["tellling"]
    assert _misspelt(_review(_know([changed]), kind="situation_update", text=text)) == []


def test_the_name_of_somebody_of_no_interview_is_not_misspelt() -> None:
    text = "I would like to thank tellling for the talk.\n"
    assert _misspelt(_review(None, text=text)) == ["tellling"]
    assert _misspelt(_review(None, text=text, recipient="Tom Tellling")) == []


def test_the_answer_says_whether_the_spelling_was_looked_at() -> None:
    assert _review(text="Hi Tom.\n").proofreading == "done"
    assert _review(text="Hi Tom.\n", proofreader=None).proofreading == "unavailable"
    assert _review(text="a" * LONGEST).proofreading == "done"
    assert _review(text="a" * (LONGEST + 1)).proofreading == "too_long"


class Broken:
    """A library that fails at every word."""

    def is_likely_english(self, text: str) -> bool:
        raise RuntimeError(text)

    def lint(self, text: str, *, language: str) -> list[Lint]:
        raise RuntimeError(text, language)


def _make_none() -> Speller:
    raise AttributeError("no such dialect")


@pytest.mark.parametrize(
    ("make_speller", "fault"),
    [(lambda: Speller(Broken()), "RuntimeError"), (_make_none, "AttributeError")],
    ids=["asked", "made"],
)
def test_where_the_library_fails_the_answer_says_so_and_the_rules_still_speak(
    make_speller: Callable[[], Speller], fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "app")
    found = _review(text="Hi Tom,\n\nThank you for tellling me about [topic].\n", proofreader=Proofreader(make_speller))
    assert found.proofreading == "unavailable"
    assert found.verdict == "stop"
    assert "lint.placeholder" in {finding.rule for finding in found.findings}
    assert _misspelt(found) == []
    assert caplog.messages == [f"A draft was not proofread: the library failed with {fault}"]


def test_a_body_is_counted_without_greeting_and_signature() -> None:
    found = _review(text=DRAFT["text"], recipient="Tom Berg")
    assert (found.sentences, found.paragraphs) == (4, 2)
