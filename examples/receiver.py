"""A receiver of webhooks with nothing to install: check, keep, answer, and only then do the work.

`WEBHOOK_SECRET=whsec_... python receiver.py 9000`
"""

import hmac
import json
import os
import re
import sqlite3
import sys
import threading
import time
from base64 import b64decode, b64encode
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = b64decode(os.environ["WEBHOOK_SECRET"].removeprefix("whsec_"))
TOLERANCE_SECONDS = 300
MOST_BYTES = 1_000_000

# Written before we answer: a crash loses nothing, and what comes twice is one row.
inbox = sqlite3.connect(os.environ.get("WEBHOOK_INBOX", "inbox.db"), isolation_level=None, check_same_thread=False)
inbox.execute("CREATE TABLE IF NOT EXISTS message (id TEXT PRIMARY KEY, body BLOB, handled INTEGER DEFAULT 0)")
arrived = threading.Event()


def handle(message: dict) -> None:
    """Do the work: this is yours to write. After a crash it may see the last message once more."""
    print(message["type"], json.dumps(message["data"]), flush=True)


def work() -> None:
    """Handle what was kept, the oldest first, beginning with what the last run left."""
    while True:
        waiting = inbox.execute("SELECT id, body FROM message WHERE NOT handled ORDER BY rowid").fetchall()
        for message_id, body in waiting:
            handle(json.loads(body))
            inbox.execute("UPDATE message SET handled = 1 WHERE id = ?", [message_id])
        arrived.wait()
        arrived.clear()


def is_genuine(headers: Mapping[str, str], body: bytes) -> bool:
    """Whether it was signed with our secret, and not long ago."""
    message_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not re.fullmatch("[0-9]{1,12}", timestamp) or abs(time.time() - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    signed = f"{message_id}.{timestamp}.".encode() + body
    expected = b"v1," + b64encode(hmac.digest(SECRET, signed, "sha256"))
    # There are several while a secret is being changed.
    return any(hmac.compare_digest(expected, given.encode()) for given in headers.get("webhook-signature", "").split())


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # connections stay open
    timeout = 60

    def do_POST(self) -> None:
        length = self.headers.get("content-length", "")
        self.send_response(self.take(int(length) if length.isdecimal() else 0))
        self.send_header("content-length", "0")
        self.end_headers()
        arrived.set()

    def take(self, length: int) -> int:
        if not 0 < length <= MOST_BYTES:
            self.close_connection = True  # what follows is not read
            return 413
        body = self.rfile.read(length)
        if not is_genuine(self.headers, body):
            return 401
        inbox.execute("INSERT OR IGNORE INTO message (id, body) VALUES (?, ?)", [self.headers["webhook-id"], body])
        return 204


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    work()  # what it cannot handle ends the program, loudly, and waits in the inbox
