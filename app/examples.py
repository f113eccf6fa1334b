"""The one example that the documents tell: an interview at Northwind, and what happened since."""

from typing import Any, Final

INTERVIEW: Final[dict[str, Any]] = {
    "external_id": "ats-8123",
    "application_ref": "app-77",
    "candidate": {"name": "Ana López", "email": "ana.lopez@example.com"},
    "company": "Northwind",
    "job_title": "Data Engineer",
    "stage": "panel",
    "medium": "video",
    "starts_at": "2026-11-20T15:00:00-05:00",
    "ends_at": "2026-11-20T16:00:00-05:00",
    "timezone": "America/New_York",
    "country": "US",
    "subdivision": "NY",
    "decision_by": "2026-12-01",
    "policy": "balanced",
    "interviewers": [
        {
            "name": "Priya Shah",
            "email": "priya.shah@northwind.example",
            "title": "Head of Data",
            "role": "hiring_manager",
            "postal_address": None,
            "topics": ["moving the nightly batch to streaming"],
            "insight": None,
        },
        {
            "name": "Tom Berg",
            "email": "tom.berg@northwind.example",
            "title": "Staff Engineer",
            "role": "peer",
            "topics": ["how you review incidents"],
            "insight": "most bugs hide at the seams",
        },
        {
            "name": "Lee Wong",
            "email": "lee.wong@northwind.example",
            "title": "Recruiter",
            "role": "recruiter",
            "topics": ["the on-call rota"],
        },
    ],
    "contact": {"name": "Lee Wong", "email": "lee.wong@northwind.example"},
    "notes": {
        "topics": ["data contracts between teams"],
        "fit": "eight years of building data pipelines",
        "contribution": "a first stream within a month, next to the batch",
        "understanding": "that every team owns its pager",
        "revisit": [{"topic": "exactly-once delivery", "answer": "I would make the sinks idempotent."}],
        "concerns": [{"raised": "little experience with Rust", "answer": "I ported our parser to it this year."}],
        "questions": ["How do you measure success in the first year?"],
        "references": ["Dana Fox, who led my last team"],
    },
}
"""As it is posted: a panel of three."""

EVENTS: Final[list[dict[str, Any]]] = [
    {"type": "follow_up_sent", "occurred_at": "2026-11-21T09:10:00-05:00", "key": "thank_you/priya-shah"},
    {"type": "reply_received", "occurred_at": "2026-11-23T11:30:00-05:00", "acknowledgement": True},
]
"""What happened since."""

AS_OF: Final = "2026-11-24T09:00:00-05:00"
"""The moment at which the example looks at its plan."""

SCHEDULE_REQUEST: Final[dict[str, Any]] = {"interview": INTERVIEW, "events": EVENTS, "as_of": AS_OF}

EMAIL_OPTIONS: Final[dict[str, Any]] = {
    "tone": "warm",
    "signature": {"phone": "+1 212 555 0143", "links": ["https://ana.example.com"]},
}
"""How an email is to be written."""

EMAIL_REQUEST: Final[dict[str, Any]] = {
    "interview": INTERVIEW,
    "recipient": "Priya Shah",
    "options": EMAIL_OPTIONS,
}
"""The thank-you for one of the three."""

DRAFT: Final[dict[str, Any]] = {
    "kind": "thank_you",
    "recipient": "Tom Berg",
    "subject": "Thank you",
    "text": (
        "Hi Tom,\n\n"
        "Thank you for showing me how you review incidents. I have thought about it since.\n\n"
        "Sorry that I was so nervous. What salary do you have in mind for [position]?\n\n"
        "Best,\nAna"
    ),
    "as_of": "2026-11-20T19:30:00-05:00",
}
"""What somebody might write in a hurry."""

DRAFT_REQUEST: Final[dict[str, Any]] = {**DRAFT, "interview": INTERVIEW}
"""The same with all that is known around it."""
