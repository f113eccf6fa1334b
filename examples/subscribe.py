"""Subscribe a receiver, post an interview, and see its webhook arrive. Needs httpx, and a receiver that runs.

`WEBHOOK_SECRET=whsec_... python subscribe.py --key aw_live_... --receiver http://127.0.0.1:9000/`
"""

import argparse
import json
import os
import time
from datetime import UTC, datetime, timedelta

import httpx

PATIENCE_SECONDS = 60


def main() -> None:
    asked = read_arguments()
    subscription = {"url": asked.receiver, "events": ["follow_up.due"], "secret": os.environ["WEBHOOK_SECRET"]}
    with httpx.Client(base_url=asked.api, headers={"Authorization": f"Bearer {asked.key}"}) as api:
        endpoint = post(api, "/v1/webhook-endpoints", subscription)
        interview = post(api, "/v1/interviews", make_interview())
        print(f"{endpoint['id']} is told of {interview['id']}", flush=True)
        try:
            delivery = wait_for_delivery(api, endpoint["id"])
            print(json.dumps(get(api, f"/v1/messages/{delivery['message_id']}")["payload"], indent=2))
        finally:
            api.delete(f"/v1/webhook-endpoints/{endpoint['id']}")  # only because this was a demonstration


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Subscribe a receiver, and see a webhook arrive.")
    parser.add_argument("--api", default="http://127.0.0.1:8000", help="where Afterword answers")
    parser.add_argument("--key", required=True, help="a key that `python -m app keys create` printed")
    parser.add_argument("--receiver", required=True, help="the address that webhooks go to")
    return parser.parse_args()


def make_interview() -> dict:
    """One that ended thirteen hours ago: whatever the hour, a night has not kept its thank-you until now."""
    ended_at = datetime.now(UTC) - timedelta(hours=13)
    return {
        "candidate": {"name": "Ana López"},
        "company": "Northwind",
        "job_title": "Data Engineer",
        "stage": "first_round",
        "starts_at": (ended_at - timedelta(hours=1)).isoformat(),
        "ends_at": ended_at.isoformat(),
        "timezone": "UTC",
        "interviewers": [{"name": "Priya Shah", "email": "priya.shah@northwind.example"}],
    }


def wait_for_delivery(api: httpx.Client, endpoint_id: str) -> dict:
    """Return the first delivery, as soon as the receiver has answered to it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if found := get(api, f"/v1/webhook-endpoints/{endpoint_id}/deliveries?state=delivered")["data"]:
            return found[0]
        time.sleep(0.2)
    raise SystemExit(f"Nothing arrived within {PATIENCE_SECONDS} seconds: see /v1/messages for the reason.")


def post(api: httpx.Client, path: str, body: dict) -> dict:
    return api.post(path, json=body).raise_for_status().json()


def get(api: httpx.Client, path: str) -> dict:
    return api.get(path).raise_for_status().json()


if __name__ == "__main__":
    main()
