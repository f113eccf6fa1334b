"""What the benchmarks send: an interview with a panel of three, and a history of it."""

INTERVIEW = {
    "candidate": {"name": "Maya Lindqvist", "email": "maya@lindqvist.example"},
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
            "name": "Ada Park",
            "email": "ada.park@northwind.example",
            "title": "Head of Data",
            "role": "hiring_manager",
            "topics": ["moving the nightly batch to streaming"],
            "insight": "most bugs hide at the seams",
        },
        {
            "name": "Jonas van der Berg",
            "email": "jonas@northwind.example",
            "title": "Staff Engineer",
            "role": "peer",
            "topics": ["how you review incidents"],
        },
        {
            "name": "Li Wei",
            "email": "li.wei@northwind.example",
            "title": "Recruiter",
            "role": "recruiter",
            "topics": ["the on-call rota"],
        },
    ],
    "notes": {
        "topics": ["the team's plans for the spring"],
        "fit": "eight years of building data pipelines",
        "questions": ["How do you measure success in the first half year?"],
    },
}

EVENTS = [
    {"type": "follow_up_sent", "occurred_at": "2026-11-20T18:01:00-05:00", "key": "thank_you/ada-park"},
    {"type": "follow_up_sent", "occurred_at": "2026-11-20T18:02:00-05:00", "key": "thank_you/jonas-van-der-berg"},
    {"type": "follow_up_sent", "occurred_at": "2026-11-20T18:03:00-05:00", "key": "thank_you/li-wei"},
    {"type": "decision_date_stated", "occurred_at": "2026-11-24T10:00:00-05:00", "decision_by": "2026-12-04"},
    {"type": "follow_up_sent", "occurred_at": "2026-12-07T09:05:00-05:00", "key": "check_in"},
    {"type": "reply_received", "occurred_at": "2026-12-08T11:00:00-05:00"},
]
