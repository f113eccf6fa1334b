"""Pay, apologies, pressure, direct messages and arguments are found, and what only sounds like them is not."""

import re

import pytest
from pydantic import ValidationError

from app.rules.checks.unwelcome import PHRASES, parse
from app.rules.facts import Interview
from app.rules.plans import Kind
from tests.rules.checks.drafts import find, find_known, northwind, pick

EVERYWHERE: tuple[Kind, ...] = ("thank_you", "check_in", "final_check_in")
TABLE = 'rule = "lint.salary"\nmessage = "Leave it."\nkinds = ["thank_you"]\npatterns = ["pay"]\n'


@pytest.mark.parametrize(
    "text",
    [
        "Could you tell me the salary?",
        "What does the role pay?",
        "What's the pay like, roughly?",
        "How much would I earn?",
        "I wonder what the benefits package looks like.",
        "Is there a signing bonus?",
        "Are stock options part of it?",
        "I am looking for 120k a year.",
        "My compensation has to fit the city.",
        "How many days of PTO are there?",
        "Do you offer health insurance?",
        "The hourly rate matters to me.",
    ],
)
@pytest.mark.parametrize("kind", EVERYWHERE)
def test_that_pay_stays_out_of_thanks_and_check_ins(text: str, kind: Kind) -> None:
    assert len(pick("salary", find(text, kind))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "The talk about private equity was new to me.",
        "I learned how equity markets open.",
        "You showed me the benefits of streaming.",
        "Users benefit from it, and it pays off.",
        "I will pay attention to the seams.",
        "Thank you for the generous offer of your time.",
        "The temperature compensation circuit is clever.",
        "Health equity is why I studied medicine.",
        "The tour was an added bonus.",
        "You paid it forward, and the debt was paid off.",
        "We spoke about payments and payroll.",
        "Your benefits administration team is small.",
    ],
)
def test_that_what_only_sounds_like_pay_is_left_alone(text: str) -> None:
    assert pick("salary", find(text)) == []


@pytest.mark.parametrize("kind", ["offer_reply", "rejection_reply", "feedback_request", "situation_update"])
def test_that_pay_may_be_named_elsewhere(kind: Kind) -> None:
    assert pick("salary", find("I would like to talk about the salary.", kind)) == []


def _payroll() -> Interview:
    known: Interview = northwind(company="Ledgerline Payroll", notes={"topics": ["compensation bands in Ledger 2"]})
    return known


def test_that_a_payroll_company_may_be_thanked_for_talking_about_compensation() -> None:
    text = (
        "Thank you for explaining how compensation changes and every bonus run through compensation bands in ledger 2."
    )
    assert pick("salary", find_known(text, told=_payroll())) == []
    assert pick("salary", find(text))


def test_that_even_there_nobody_asks_for_the_own_salary() -> None:
    assert pick("salary", find_known("What is the salary range for this role?", told=_payroll()))


@pytest.mark.parametrize(
    "text",
    [
        "Sorry for the late reply.",
        "I'm sorry to bother you.",
        "I apologize for rambling.",
        "My apologies for writing again.",
        "Please forgive the mess on the board.",
        "I was so nervous that I lost the thread.",
        "I know I rambled.",
        "I don't want to pester you.",
        "It was not my best day at the board, and I regret how I answered.",
        "I don\N{RIGHT SINGLE QUOTATION MARK}t mean to bother you.",
    ],
)
def test_that_apologies_for_oneself_are_found(text: str) -> None:
    for kind in EVERYWHERE:
        assert pick("apology", find(text, kind)), kind


@pytest.mark.parametrize(
    "text",
    [
        "I was sorry to hear that the mill burned down.",
        "The sorry state of the bridge stays with me.",
        "You apologised for the noise; there was no need to.",
        "There is no need to apologise for the delay.",
        "I never regretted it, and I don't regret it now.",
        "Better safe than sorry, as you said.",
        "The excuse that it costs too much is old.",
        "What I liked best was the board.",
    ],
)
def test_that_other_sorrow_is_left_alone(text: str) -> None:
    assert pick("apology", find(text)) == []


def test_that_a_decline_may_be_sorry_but_not_for_being_late() -> None:
    assert pick("apology", find("I'm sorry to say no. I regret that I can't join.", "offer_reply")) == []
    assert pick("apology", find("I'm sorry that it did not work out.", "rejection_reply")) == []
    assert pick("apology", find("Sorry for being late.", "offer_reply")) == ["Sorry"]


@pytest.mark.parametrize(
    "text",
    [
        "I need an answer by Friday.",
        "Please reply ASAP.",
        "I expect to hear from you this week.",
        "You must decide now.",
        "Please let me know immediately.",
        "This is my final notice.",
        "Otherwise I will accept the other offer.",
        "Why haven't you written?",
        "You promised a decision.",
        "If I don't hear from you by Monday, I will withdraw.",
        "I deserve an answer.",
        "This silence is unacceptable.",
        "I have waited long enough.",
    ],
)
@pytest.mark.parametrize("kind", ["check_in", "situation_update", "feedback_request"])
def test_that_pressure_is_found(text: str, kind: Kind) -> None:
    assert pick("demand", find(text, kind))


@pytest.mark.parametrize("text", ["Please let me know by Friday.", "Please respond within two days.", "Call me today."])
def test_that_only_news_and_offers_may_name_a_day(text: str) -> None:
    assert pick("demand", find(text, "check_in"))
    assert pick("demand", find(text, "thank_you"))
    assert pick("demand", find(text, "situation_update")) == []
    assert pick("demand", find(text, "offer_reply")) == []


@pytest.mark.parametrize(
    "text",
    [
        "I could start immediately.",
        "It made sense to me at once.",
        "You had hoped to decide by Friday 8 January; could you tell me where things stand?",
        "When might I expect to hear?",
        "What do you expect of the first year?",
        "There is no rush, and I don't need an answer soon.",
        "Compute on demand was new to me.",
        "I can answer whatever else you need by tomorrow.",
        "You must be busy.",
    ],
)
def test_that_a_polite_question_is_no_demand(text: str) -> None:
    assert pick("demand", find(text, "check_in")) == []


def test_that_an_offer_reply_may_ask_for_time() -> None:
    assert pick("demand", find("I would like to have until Friday 27 November to decide.", "offer_reply")) == []
    assert pick("demand", find("I will let you know as soon as possible.", "offer_reply")) == []


def test_that_news_may_say_when_an_answer_is_needed() -> None:
    text = "I have to answer them by Friday 4 December. Could you let me know before then?"
    assert pick("demand", find(text, "situation_update")) == []


@pytest.mark.parametrize(
    "text",
    [
        "Feel free to DM me.",
        "Let's continue this on WhatsApp.",
        "I sent you a direct message too.",
        "Message me on LinkedIn.",
        "Text me on Signal.",
        "My DMs are open.",
        "You can reach me on Instagram.",
        "I am writing you this InMail.",
    ],
)
def test_that_direct_messages_are_found(text: str) -> None:
    assert pick("social", find(text))


@pytest.mark.parametrize(
    "text",
    [
        "I sent you a connection request on LinkedIn.",
        "I would be glad to connect on LinkedIn.",
        "I report to my direct manager.",
        "The DM design was new to me.",
        "Direct costs are low.",
        "We moved the alerts to Slack.",
        "You run the Facebook campaigns yourselves.",
        "The signal is stronger than the noise.",
    ],
)
def test_that_a_connection_is_no_direct_message(text: str) -> None:
    assert pick("social", find(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "The decision was unfair.",
        "I think you made a mistake.",
        "Please reconsider your decision.",
        "I don't understand why I was rejected.",
        "I was clearly the best candidate for it.",
        "It was a waste of my time.",
        "You should have hired me.",
        "Your panel was biased.",
        "I disagree with the outcome.",
        "The interview was poorly organised.",
    ],
)
def test_that_arguing_with_the_decision_is_found(text: str) -> None:
    assert pick("negative_feedback", find(text, "feedback_request"))
    assert pick("negative_feedback", find(text, "rejection_reply"))
    assert pick("negative_feedback", find(text, "thank_you")) == []


@pytest.mark.parametrize(
    "text",
    [
        "I respect the decision, and I am not asking you to reconsider.",
        "What would make me a stronger candidate next time?",
        "I made a mistake in the second task; what should I have seen?",
        "I am sure that you chose the right person.",
        "I enjoyed it, even where we disagreed about the ruling in the case.",
        "Our talk about the Unfair Dismissal desk was good.",
        "Better answers are what I am after, and two lines are enough.",
    ],
)
def test_that_a_positive_request_is_left_alone(text: str) -> None:
    assert pick("negative_feedback", find(text, "feedback_request")) == []


def test_that_a_fact_of_the_interview_is_never_blamed() -> None:
    told = northwind(
        company="Sorry Salary Inc.", notes={"topics": ["ASAP scheduling.", "The unfair coin"], "fit": "I DM me"}
    )
    text = "Sorry Salary Inc. uses ASAP scheduling and the unfair coin. I dm me."
    for kind in (*EVERYWHERE, "feedback_request"):
        rules = {finding.rule for finding in find_known(text, kind, told=told)}
        assert not rules & {table.rule for table in PHRASES.values()}, kind


def test_that_a_finding_points_at_the_words() -> None:
    text = "Hi Ada,\r\n\r\n\tSorry about yesterday."
    [finding] = [finding for finding in find(text) if finding.rule == "lint.apology"]
    assert finding.span
    assert (finding.span.start, finding.span.text, finding.severity) == (text.index("Sorry"), "Sorry", "warning")


def test_that_a_letter_whose_small_form_is_longer_moves_no_span() -> None:
    assert pick("apology", find("In \N{LATIN CAPITAL LETTER I WITH DOT ABOVE}zmir it was. Sorry about that.")) == [
        "Sorry"
    ]


def test_that_a_fact_may_be_told_without_its_lead_in() -> None:
    told = northwind(notes={"topics": ["We talked about the unfair coin."]})
    assert pick("negative_feedback", find_known("The unfair coin was fun.", "feedback_request", told=told)) == []


@pytest.mark.parametrize(
    "broken",
    [
        TABLE.replace('["pay"]', '["(pay"]'),
        TABLE.replace('["pay"]', "[]"),
        TABLE.replace("lint.salary", "lint.wages"),
        TABLE.replace("Leave it.", "leave it"),
        TABLE + "colour = 1\n",
        TABLE + '[[pay.pairs]]\nfirst = ["hope"]\nsecond = []\n',
        TABLE + '[[pay.pairs]]\nfirst = ["hope"]\nsecond = ["(sum"]\n',
        TABLE + 'innocent_in = { check_in = ["pay day"] }\n',
    ],
)
def test_that_a_broken_table_stops_the_start(broken: str) -> None:
    assert parse(f"[pay]\n{TABLE}")["pay"].rule == "lint.salary"
    with pytest.raises((ValidationError, re.error)):
        parse(f"[pay]\n{broken}")


def test_that_a_pair_is_found_within_a_few_words_and_not_across_a_no() -> None:
    pair = '[[pay.pairs]]\nfirst = ["hope for"]\nsecond = ["money", "gold"]\napart = 2\n'
    guilty = parse(f"[pay]\n{TABLE}{pair}")["pay"].guilty
    for text in ("hope for money", "hope for some more gold", "pay"):
        assert guilty.search(text), text
    for text in ("hope for much and much more gold", "hope for no gold", "hope for golden"):
        assert not guilty.search(text), text
