"""The peer: Celery on Redis, one task a webhook, signed as ours are; everything not named here as it comes.

`celery -A bench.celery.tasks worker`, with BENCH_BROKER_URL.
"""

import hashlib
import hmac
import os
import time
from base64 import b64encode
from functools import cache

import requests  # type: ignore[import-untyped, unused-ignore]  # installed in a place of its own, after requirements.lock
from celery import Celery  # type: ignore[import-not-found, unused-ignore]  # as above

SECRET = b"a secret of thirty-two bytes ..."
TIMEOUT_SECONDS = 15  # as long as ours

app = Celery("peer", broker=os.environ["BENCH_BROKER_URL"])


@cache
def session() -> requests.Session:
    """One for each process of the pool: its connections are kept alive."""
    return requests.Session()


def send(url: str, message_id: str, body: str) -> None:
    """Sign a message and post it."""
    timestamp = int(time.time())
    signed = hmac.digest(SECRET, f"{message_id}.{timestamp}.{body}".encode(), hashlib.sha256)
    headers = {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{b64encode(signed).decode()}",
    }
    session().post(url, body.encode(), headers=headers, timeout=TIMEOUT_SECONDS).raise_for_status()


send_later = app.task(send, ignore_result=True)
"""Nothing is kept of what came of it: no result is written, and a task counts as done before it begins."""
