"""What is stored before anybody judges, so that the addresses in the document's examples lead somewhere."""

from collections.abc import Mapping
from typing import Any

from httpx import Client

from app.examples import EVENTS, INTERVIEW
from judges.services import Judged

NOBODY = {"name": "Nobody"}
"""A candidate without an address: whoever erases one, erases another."""
DISCARD = "http://127.0.0.1:9/"
"""Where webhooks go: nobody is there."""

SPARE = INTERVIEW | {"external_id": None, "application_ref": None}
SPARES: Mapping[str, tuple[str, Any]] = {
    "interview_id": ("/interviews", SPARE | {"candidate": NOBODY}),
    "event_id": ("/interviews/{interview_id}/events", EVENTS[0]),
    "endpoint_id": ("/webhook-endpoints", {"url": DISCARD}),
    "key_id": ("/keys", {"name": "spare", "scopes": ["keys"]}),
    "email": ("/interviews", SPARE | {"candidate": {"name": "Spare", "email": "spare@example.org"}}),
}
"""What is stored anew for whoever deletes one: where, and what, by the names of the parameters in addresses."""


def store(judged: Judged) -> Mapping[str, str]:
    """Store one of everything for the first account; the ids by the names of the parameters in addresses."""
    key = next(iter(judged.keys.values()))
    with Client(base_url=f"{judged.address}/v1", headers={"Authorization": f"Bearer {key}"}) as client:
        interview_id = _post(client, "/interviews", INTERVIEW | {"external_id": "judged", "candidate": NOBODY})["id"]
        event_id = _post(client, f"/interviews/{interview_id}/events", EVENTS[0])["id"]
        endpoint_id = _post(client, "/webhook-endpoints", {"url": DISCARD})["id"]
        delivery = _post(client, f"/webhook-endpoints/{endpoint_id}/test")
        planned = client.get(f"/interviews/{interview_id}/schedule").raise_for_status().json()["follow_ups"]
    return {
        "interview_id": interview_id,
        "event_id": event_id,
        "follow_up_id": planned[-1]["id"],
        "endpoint_id": endpoint_id,
        "message_id": delivery["message_id"],
        "delivery_id": delivery["id"],
        "email": INTERVIEW["candidate"]["email"],  # of what Schemathesis stores, who follows the examples
    }


def _post(client: Client, path: str, body: Any = None) -> Any:
    return client.post(path, json=body).raise_for_status().json()
