"""What the benchmarks send: the documented interview with a panel of three, and a history of it."""

from app import examples

OWN_IDS = ("external_id", "application_ref")  # which can be stored once only

INTERVIEW = {member: value for member, value in examples.INTERVIEW.items() if member not in OWN_IDS}

EVENTS = [
    {"type": "follow_up_sent", "occurred_at": "2026-11-20T18:01:00-05:00", "key": "thank_you/priya-shah"},
    {"type": "follow_up_sent", "occurred_at": "2026-11-20T18:02:00-05:00", "key": "thank_you/tom-berg"},
    {"type": "follow_up_sent", "occurred_at": "2026-11-20T18:03:00-05:00", "key": "thank_you/lee-wong"},
    {"type": "decision_date_stated", "occurred_at": "2026-11-24T10:00:00-05:00", "decision_by": "2026-12-04"},
    {"type": "follow_up_sent", "occurred_at": "2026-12-07T09:05:00-05:00", "key": "check_in"},
    {"type": "reply_received", "occurred_at": "2026-12-08T11:00:00-05:00"},
]
