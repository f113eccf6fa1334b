"""`python -m judges.conformance sqlite`: Schemathesis asks a running service everything that its document says.

Two accounts must not see each other's things. What comes after the name of the database goes to Schemathesis;
`schemathesis.toml` says which operation may refuse what its schema allows, and `hooks.py` what schemas cannot say.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from judges.services import Judged, serve
from judges.stored import SPARES, store

HERE = Path(__file__).parent


def judge(kind: str, *arguments: str) -> int:
    """Run Schemathesis against a service on this kind of database; its exit status."""
    with TemporaryDirectory() as name, serve(kind, Path(name)) as judged:
        write_accounts(judged, Path(name, "accounts.json"))
        told = {
            "SCHEMATHESIS_HOOKS": str(HERE / "hooks.py"),
            "JUDGED_KEYS": name_keys(judged),
            "STORED": json.dumps(store(judged)),
            "SPARES": json.dumps([f"{judged.address}/v1", sign_in(next(iter(judged.keys.values()))), SPARES]),
        }
        command: list[str | Path] = [HERE / ".venv/bin/schemathesis", "--config-file", HERE / "schemathesis.toml"]
        asked = ["run", f"{judged.address}/openapi.json", "--checks", "all", *arguments]
        return subprocess.run([*command, *asked], cwd=name, env=os.environ | told, check=False).returncode


def name_keys(judged: Judged) -> str:
    """The ids of the keys, in one text."""
    asked = [httpx.get(f"{judged.address}/v1/me", headers=sign_in(key)) for key in judged.keys.values()]
    return " ".join(answer.json()["id"] for answer in asked)


def sign_in(key: str) -> dict[str, str]:
    """The headers of whoever has this key."""
    return {"Authorization": f"Bearer {key}"}


def write_accounts(judged: Judged, file: Path) -> None:
    """Who may call, as the Web Fuzzing Commons write it down."""
    users = [
        {"name": name, "fixedHeaders": [{"name": header, "value": value} for header, value in sign_in(key).items()]}
        for name, key in judged.keys.items()
    ]
    file.write_text(json.dumps({"auth": users}))


if __name__ == "__main__":
    sys.exit(judge(*sys.argv[1:]))
