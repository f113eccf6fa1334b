"""`python -m judges.audit`: pip-audit asks whether a flaw is known of anything that `requirements.lock` installs.

Where its source cannot be reached, or has nothing to say of anything, nothing is audited, and it says so; whatever else
goes wrong is a failure.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

HERE = Path(__file__).parent
LOCK = HERE.parent / "requirements.lock"
COMMAND = ("--disable-pip", "--require-hashes", "--progress-spinner", "off", "--format", "json", "-r", str(LOCK))

OFFLINE = ("ConnectionError", "Could not connect", "Max retries exceeded")
"""What pip-audit complains of where its source cannot be reached."""


def audit() -> int:
    """0 where every package was audited and no flaw is known, or where the source cannot be reached."""
    asked = subprocess.run([HERE / ".venv/bin/pip-audit", *COMMAND], capture_output=True, text=True, check=False)
    return judge(asked.returncode, asked.stdout, asked.stderr, count_locked())


def count_locked() -> int:
    """How many packages the lock installs here."""
    lines = [line.rstrip(" \\") for line in LOCK.read_text().splitlines() if line[:1].isalnum()]
    markers = [Requirement(line).marker for line in lines]
    return sum(marker is None or marker.evaluate() for marker in markers)


def judge(status: int, found: str, complaint: str, locked: int) -> int:
    """The exit status for what pip-audit ended with and wrote, where so many packages are locked."""
    if not found:
        if status and any(each in complaint for each in OFFLINE):
            print("NOTHING WAS AUDITED: the source of known flaws cannot be reached from here.")
            return 0
        print(complaint, file=sys.stderr)
        return status or 1
    packages: list[dict[str, Any]] = json.loads(found)["dependencies"]
    audited = [each for each in packages if "vulns" in each]
    if packages and not audited and not status:
        print("NOTHING WAS AUDITED: the source of known flaws knows none of these packages.")
        return 0
    flawed = [(each["name"], each["version"], flaw["id"]) for each in audited for flaw in each["vulns"]]
    print(*(" ".join(flaw) for flaw in flawed), sep="\n")
    print(f"{len(audited)} of {locked} packages were audited, the source knows no others: {len(flawed)} known flaws.")
    return status or int(len(audited) < locked)


if __name__ == "__main__":
    sys.exit(audit())
