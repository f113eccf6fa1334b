"""The README's commands, typed into a real shell against a real service, print what the README says."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BLOCKS = re.findall(
    r"```sh\n((?:(?!```).)*)```\n\n```text\n((?:(?!```).)*)```\n",
    (ROOT / "README.md").read_text(encoding="utf-8"),
    flags=re.DOTALL,
)
SECRETS = re.compile(r"\b(int|fu|evt|ep)_[0-9a-f]{32}\b|\bwhsec_[A-Za-z0-9+/]+=*")


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """A service over a fresh SQLite file."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free: int = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "serve", "--port", str(free)],
        cwd=ROOT,
        env=environment(tmp_path),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", free), timeout=1).close()
            break
        except OSError:
            time.sleep(0.05)
    yield free
    process.terminate()
    process.wait(timeout=20)


def environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "AFTERWORD_DATABASE_URL": f"sqlite:///{folder}/readme.db"}


def test_every_command_prints_what_the_readme_says(port: int, tmp_path: Path) -> None:
    assert len(BLOCKS) >= 4
    commands = "\necho '=== next ==='\n".join(command for command, _ in BLOCKS)
    here = commands.replace("localhost:8000", f"localhost:{port}").replace(".venv/bin/python", sys.executable)
    done = subprocess.run(
        ["/bin/bash", "-c", here],
        cwd=ROOT,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    printed = [part.strip() for part in done.stdout.split("=== next ===\n")]
    assert [SECRETS.sub("<id>", text) for text in printed] == [SECRETS.sub("<id>", told.strip()) for _, told in BLOCKS]
