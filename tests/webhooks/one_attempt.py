"""One attempt in a process of its own, and the most memory that Python ever held for it: run with a URL and a loop."""

import asyncio
import json
import sys
import tracemalloc

import uvloop

from app.webhooks.guard import Guard
from app.webhooks.sender import Sender


async def attempt(url: str) -> None:
    async with Sender(Guard("127.0.0.0/8"), 5) as sender:
        await sender.send(url.replace("/hook", "/warm-up"), b"{}", {})  # what is loaded late is loaded now
        tracemalloc.start()
        answer = await sender.send(url, b"{}", {})
        peak = tracemalloc.get_traced_memory()[1]
    body = len((answer.body or "").encode())
    said = {"failure": answer.failure, "status": answer.status, "truncated": answer.truncated, "body": body}
    sys.stdout.write(json.dumps(said | {"peak": peak}))


if __name__ == "__main__":
    run = uvloop.run if sys.argv[2] == "uvloop" else asyncio.run
    run(attempt(sys.argv[1]))
