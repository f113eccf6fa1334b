"""Generated orders for emails: interviews with whatever people type as their facts, of every stage, policy and size."""

from collections.abc import Sequence
from typing import Any, NamedTuple, get_args

from hypothesis import strategies as st

from app.rules.drafts import Intent, Options
from app.rules.facts import Change, Interview, SituationChanged, Stage
from app.rules.plans import Kind
from app.rules.policy import load_policies

POLICIES = load_policies()

TOPICS = (
    "the on-call rota",
    "Kafka",
    "C++",
    "A/B testing",
    "data contracts between teams",
    "moving the nightly batch to streaming",
    "how you review incidents",
    "why you chose Rust over Go",
    "that every team owns its pager",
    "We talked about scaling.",
    "Scaling the pipeline.",
    "  kafka ",
    "how you scale the pipeline",
    "Your team ships every day.",
    "What does a good first year look like?",
    "we discussed the move to PostgreSQL 18",
    "- mentoring",
    "whether to keep the monolith",
    "CI/CD for mobile apps",
    "the salary survey product",
    "List<String> versus arrays",
    "iOS releases",
    "Acme Inc.",
    "compensation benchmarking",
    "“quoted things”",
    "données personnelles",
    "量化交易",
    "TOEFL scores, grading and fairness",
)
INSIGHTS = (
    "most bugs hide at the seams",
    "that a good test reads like a story",
    "Most meetings could be shorter.",
    "the cost of handovers",
    "Slow is smooth. Smooth is fast.",
    "you build it, you run it",
)
FITS = (
    "eight years of building data pipelines",
    "my work on payment ledgers",
    "I run Kafka for 40 teams.",
    "building ledgers for ten years",
    "Led a team of five",
    "I have built two payment systems. Both still run. One of them moves a billion a year.",
    "a PhD in statistics and three years at Acme Inc.",
    "that I have worked in hospitals for ten years and know how wards work, who decides, and what is never written",
)
CONTRIBUTIONS = (
    "a first stream within a month, next to the batch",
    "set up a first stream within a month",
    "setting up the on-call handbook",
    "I would start with the slowest query.",
)
UNDERSTANDINGS = (
    "that every team owns its pager",
    "a team that can run without a manager",
    "you need somebody who can talk to both sides",
    "The team is growing. It has no data engineer yet.",
)
ANSWERS = (
    "I would make the sinks idempotent.",
    "I ported our parser to it this year",
    "We did it twice. The second time it held. I can send the notes.",
)
CONCERNS = ("little experience with Rust", "whether I can lead", "You asked if I would move.", "that I have no degree")
QUESTIONS = (
    "How do you measure success in the first year?",
    "how you measure success",
    "the on-call rota",
    "Who decides?",
    "What's the biggest risk?",
)
REFERENCES = ("Dana Fox, who led my last team", "Prof. Ian Hale", "a letter from Mercy Hospital", "Li Wei (Contoso)")
NAMES = (
    "Priya Shah",
    "Tom Berg",
    "Dr Ada Park",
    "van der Berg",
    "Li Wei",
    "Ana María López",
    "Cher",
    "J. R. Smith",
    "李小龙",
    "Will Price",
    "Grace May",
    "Zoë Müller",
    "James",
    "Prof. Hans Groß",
    "O'Neil Jess",
    "Oğuz Şahin",
)
COMPANIES = (
    "Northwind",
    "Acme Inc.",
    "Æther & Söhne",
    "Yahoo!",
    "Payroll Partners",
    "Bonus Bank",
    "C3.ai",
    "Who Knows?",
)
TITLES = ("Data Engineer", "SRE", "Head of People & Culture", "Sales position", "VP, Compensation", "C++ developer")
DETAILS = (None, "an offer from Contoso", "I received an offer from Contoso.", "my article on streaming", "I am moving")
SALUTATIONS = (None, None, None, "Dr. Park", "Ms. Shah")


class Asked(NamedTuple):
    """What `draft_email` is asked for, but for the moment."""

    interview: Interview
    events: Sequence[SituationChanged]
    kind: Kind
    named: str | None
    options: Options


def some(pool: Sequence[Any], most: int = 3) -> st.SearchStrategy[list[Any]]:
    """A few of a pool, in any order, each once."""
    return st.lists(st.sampled_from(pool), max_size=most, unique=True)


def maybe(pool: Sequence[Any]) -> st.SearchStrategy[Any]:
    """One of a pool, or nothing."""
    return st.none() | st.sampled_from(pool)


def pairs(first: str, pool: Sequence[str]) -> st.SearchStrategy[list[dict[str, str]]]:
    """Up to two things, each with an answer."""
    pair = st.fixed_dictionaries({first: st.sampled_from(pool), "answer": st.sampled_from(ANSWERS)})
    return st.lists(pair, max_size=2)


NOTES = st.fixed_dictionaries(
    {
        "topics": st.lists(st.sampled_from(TOPICS), min_size=1, max_size=3, unique=True),
        "fit": maybe(FITS),
        "contribution": maybe(CONTRIBUTIONS),
        "understanding": maybe(UNDERSTANDINGS),
        "revisit": pairs("topic", TOPICS),
        "concerns": pairs("raised", CONCERNS),
        "questions": some(QUESTIONS),
        "references": some(REFERENCES),
    }
)


def people(most: int) -> st.SearchStrategy[list[dict[str, Any]]]:
    """A panel, everybody with a name of their own."""
    person = st.fixed_dictionaries(
        {
            "name": st.sampled_from(NAMES),
            "email": st.sampled_from((None, "them@northwind.example")),
            "salutation": st.sampled_from(SALUTATIONS),
            "role": st.sampled_from(("recruiter", "hiring_manager", "peer")),
            "postal_address": st.sampled_from((None, None, "1 Pier Road, Boston, MA")),
            "topics": some(TOPICS),
            "insight": maybe(INSIGHTS),
        }
    )
    return st.lists(person, min_size=1, max_size=most, unique_by=lambda who: who["name"])


@st.composite
def interviews(draw: st.DrawFn, most: int = 5) -> Interview:
    """An interview with notes that may hold anything."""
    given = {
        "candidate": {"name": draw(st.sampled_from(NAMES)), "email": "ana.lopez@example.com"},
        "company": draw(st.sampled_from(COMPANIES)),
        "job_title": draw(st.sampled_from(TITLES)),
        "stage": draw(st.sampled_from(get_args(Stage))),
        "starts_at": draw(st.sampled_from(("2026-11-20T15:00:00-05:00", "2026-12-30T23:30:00-05:00"))),
        "timezone": "America/New_York",
        "country": draw(st.sampled_from(("US", "GB", None))),
        "decision_by": draw(st.sampled_from((None, "2026-12-01", "2027-01-08"))),
        "policy": draw(st.sampled_from(list(POLICIES))),
        "interviewers": draw(people(most)),
        "contact": draw(st.sampled_from((None, {"name": "Lee Wong", "email": "lee@northwind.example"}))),
        "notes": draw(NOTES),
    }
    return Interview.model_validate(given)


@st.composite
def orders(draw: st.DrawFn) -> Asked:
    """Any kind of email for any interviewer, with any options that go with it."""
    interview = draw(interviews())
    kind = draw(st.sampled_from(get_args(Kind)))
    who = draw(st.sampled_from(interview.interviewers))
    change = draw(st.sampled_from(get_args(Change)))
    detail = draw(st.sampled_from(DETAILS[1:] if change == "other" else DETAILS))
    told = {"change": change, "detail": detail, "respond_by": draw(st.sampled_from((None, "2026-11-30")))}
    event = SituationChanged.model_validate({"occurred_at": "2026-11-23T10:00:00Z", **told})
    options: dict[str, Any] = {
        "tone": draw(st.sampled_from(("warm", "formal"))),
        "length": draw(st.sampled_from(("full", "short"))),
        "signature": {"phone": draw(st.sampled_from((None, "+1 555 0100"))), "links": draw(some(("ana.example/cv",)))},
    }
    if kind == "offer_reply":
        options["intent"] = draw(st.none() | st.sampled_from(get_args(Intent)))
        options["until"] = draw(st.sampled_from((None, "2026-12-20"))) if options["intent"] == "more_time" else None
    if kind == "rejection_reply":
        options["with_feedback"] = draw(st.none() | st.booleans())
    if kind == "thank_you":
        options["channel"] = draw(st.sampled_from((None, "email", "card")))
    if kind in {"check_in", "final_check_in"}:
        options["channel"] = draw(st.sampled_from((None, "email", "phone")))
    named = draw(st.sampled_from((who.name, None))) if kind != "thank_you" else who.name
    return Asked(interview, [event], kind, named, Options.model_validate(options))
