"""A client that others' program wrote from our document does what its user wants of it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from app.examples import INTERVIEW
from judges.services import Judged, serve

HERE = Path(__file__).parent
DOCUMENT = HERE.parent / "openapi" / "openapi.json"
PROGRAMS = HERE / ".venv" / "bin"


@pytest.fixture(scope="module")
def _client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The package `generated`, made anew; a warning of the generator fails the test."""
    folder = tmp_path_factory.mktemp("client")
    command: list[str | Path] = [
        PROGRAMS / "openapi-python-client",
        "generate",
        "--path",
        DOCUMENT,
        "--meta",
        "none",
        "--fail-on-warning",
    ]
    found_there = os.environ | {"PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"}  # it formats with its own ruff
    subprocess.run([*command, "--output-path", folder / "generated"], env=found_there, check=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield
        for name in [name for name in sys.modules if name.partition(".")[0] == "generated"]:
            del sys.modules[name]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judged]:
    with serve("sqlite", tmp_path_factory.mktemp("service")) as judged:
        yield judged


def find(path: str) -> Any:
    """A module of the generated package; nobody knows its types before it is there."""
    return import_module(f"generated.{path}")


@pytest.mark.usefixtures("_client")
def test_the_generated_client_stores_an_interview_and_reads_its_plan(judged: Judged) -> None:
    interview = find("models").InterviewToPlanFor.from_dict(INTERVIEW)
    with find("client").AuthenticatedClient(base_url=judged.address, token=judged.keys["ours"]) as client:
        stored = find("api.interviews.create_interview").sync(client=client, body=interview)
        planned = find("api.schedules.get_schedule").sync(stored.id, client=client)
    assert stored.company == interview.company
    assert stored.candidate.name == interview.candidate.name
    assert [step.key for step in planned.follow_ups] == [
        "thank_you/priya-shah",
        "thank_you/tom-berg",
        "thank_you/lee-wong",
        "check_in",
    ]
    assert all(step.due_at.tzinfo and step.why for step in planned.follow_ups)


@pytest.mark.usefixtures("_client")
def test_the_generated_client_is_told_what_is_wrong(judged: Judged) -> None:
    with find("client").AuthenticatedClient(base_url=judged.address, token=judged.keys["theirs"]) as client:
        answered = find("api.interviews.get_interview").sync_detailed("int_nobody", client=client)
    assert answered.status_code == 404
    assert answered.parsed.detail == "There is no such interview."
