"""`python -m judges.audit`: pip-audit asks whether a flaw is known of anything that `requirements.lock` installs.

Where its source cannot be reached, nothing is audited, and it says so.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
LOCK = HERE.parent / "requirements.lock"


def audit() -> int:
    """1 where a flaw is known, 0 otherwise."""
    command: list[str | Path] = [
        HERE / ".venv/bin/pip-audit",
        "--disable-pip",
        "--require-hashes",
        "--progress-spinner",
        "off",
    ]
    asked = subprocess.run([*command, "--format", "json", "-r", LOCK], capture_output=True, text=True, check=False)
    packages: list[dict[str, Any]] = json.loads(asked.stdout)["dependencies"] if asked.stdout else []
    audited = [each for each in packages if "vulns" in each]
    if not audited:
        print("NOTHING WAS AUDITED: the source of known flaws cannot be reached from here.")
        return 0
    flawed = [(each["name"], each["version"], flaw["id"]) for each in audited for flaw in each["vulns"]]
    print(*(" ".join(flaw) for flaw in flawed), sep="\n")
    print(f"{len(audited)} of {len(packages)} packages were audited: {len(flawed)} known flaws.")
    return 1 if flawed else 0


if __name__ == "__main__":
    sys.exit(audit())
