"""The command line, as real processes in an empty folder."""

import os
import re
import signal
import subprocess
import sys
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import httpx
import pytest

from app import __version__
from tests.conftest import SECRET_KEY

ROOT = Path(__file__).parent.parent
KEY = re.compile(r"aw_live_[0-9A-Za-z]{36}")
OTHER_KEY = urlsafe_b64encode(bytes(32)).decode()
LISTENING = re.compile(r"running on (http://\S+)")
FIRST_KEY = re.compile(r"Your API key, shown this once: (\S+)")


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def run(*arguments: str, status: int = 0, **settings: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "app", *arguments],
        env=environment(settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    return done


@contextmanager
def serving(**settings: str) -> Iterator[tuple[str, subprocess.Popen[str], Path]]:
    """A server on a free port: its address, its process, and the file of all that it said."""
    said = Path("said")
    with said.open("w") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "app", "serve", "--port", "0"],
            env=environment(settings),
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert server.stderr is not None
    try:
        yield address(server.stderr, server), server, said
    finally:
        server.kill()
        server.wait()
        server.stderr.close()


def address(lines: IO[str], server: subprocess.Popen[str]) -> str:
    read = []
    for line in lines:
        read.append(line)
        if found := LISTENING.search(line):
            return found[1]
    raise AssertionError(f"ended with {server.wait()} before it listened:\n{''.join(read)}")


def environment(settings: dict[str, str]) -> dict[str, str]:
    return os.environ | {f"AFTERWORD_{name.upper()}": value for name, value in settings.items()}


def stop(server: subprocess.Popen[str]) -> int:
    server.send_signal(signal.SIGTERM)
    return server.wait(timeout=20)


def test_a_key_is_printed_alone(database_url: str) -> None:
    done = run("keys", "create", "--name", "curl", database_url=database_url)
    assert KEY.fullmatch(done.stdout.rstrip("\n"))
    assert done.stdout not in done.stderr
    assert "default" in done.stderr


def create_key(url: str, *arguments: str) -> str:
    return run("keys", "create", "--name", "curl", *arguments, database_url=url).stdout.rstrip("\n")


def listed(url: str, *arguments: str) -> list[list[str]]:
    """The table without its heads, row by row."""
    lines = run("keys", "list", *arguments, database_url=url).stdout.splitlines()
    assert lines[0].split("  ")[0] == "ID"
    return [re.split(r" {2,}", line) for line in lines[1:]]


def test_a_key_for_trying_out_belongs_to_an_account_apart(database_url: str) -> None:
    assert KEY.fullmatch(create_key(database_url, "--account", "acme"))
    assert create_key(database_url, "--account", "acme", "--test").startswith("aw_test_")
    create_key(database_url, "--account", "another")
    assert [row[3] for row in listed(database_url, "--account", "acme")] == ["acme", "acme (test)"]
    done = run("keys", "create", "--name", "x", "--account", "acme (test)", status=2, database_url=database_url)
    assert done.stderr.startswith("afterword: ")
    assert "--test" in done.stderr


def test_a_list_of_keys_tells_them_apart_and_how_they_are(database_url: str) -> None:
    said = [["--expires-in-days", "30"], ["--scope", "emails", "--scope", "keys"], []]
    texts = [create_key(database_url, *each) for each in said]
    revoked = listed(database_url)[2][0]
    done = run("keys", "revoke", revoked, database_url=database_url)
    assert (done.stdout, revoked in done.stderr) == ("", True)
    rows = listed(database_url)
    everything = "interviews:read,interviews:write,emails,webhooks,keys,erase"
    assert [row[2] for row in rows] == [text[-4:] for text in texts]
    assert [row[3] for row in rows] == ["default"] * 3
    assert [row[4] for row in rows] == [everything, "emails,keys", everything]
    assert [row[5] for row in rows] == ["never"] * 3
    assert [row[6].split(" ")[0] for row in rows] == ["until", "good", "revoked"]
    assert not any(text[8:30] in str(rows) for text in texts)


def test_a_list_of_no_keys_has_its_heads_alone() -> None:
    assert listed(f"sqlite:///{Path.cwd()}/new.db") == []


def test_a_revoked_key_opens_no_door_and_a_used_one_is_known_to_be(database_url: str) -> None:
    kept, lost = create_key(database_url), create_key(database_url)
    run("keys", "revoke", listed(database_url)[1][0], database_url=database_url)
    with serving(database_url=database_url, secret_key=SECRET_KEY) as (url, _, _):
        answers = [
            httpx.get(f"{url}/v1/me", headers={"Authorization": f"Bearer {key}"}).status_code for key in (kept, lost)
        ]
    assert answers == [200, 401]
    assert [row[5] == "never" for row in listed(database_url)] == [False, True]


@pytest.mark.parametrize("id", ["key_" + "0" * 32, "key_1"])
def test_a_key_that_is_not_there_cannot_be_revoked(id: str) -> None:
    assert run("keys", "revoke", id, status=2).stderr.startswith("afterword: There is no key with this id")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--scope", "everything"],
        *(["--expires-in-days", days] for days in ("0", "1.5", "36501")),
        *(["--name", name] for name in ("", "  ", "x" * 201)),
    ],
)
def test_a_key_that_cannot_be_is_not_made(arguments: list[str]) -> None:
    said = run("keys", "create", "--name", "x", *arguments, status=2).stderr
    assert arguments[0].removeprefix("--") in said.lower()
    assert not Path("var").exists()


def test_a_printed_key_opens_the_door(database_url: str) -> None:
    key = run("keys", "create", "--name", "curl", "--account", "acme", database_url=database_url).stdout.strip()
    with serving(database_url=database_url, secret_key=SECRET_KEY) as (url, _, _):
        assert httpx.get(f"{url}/v1/interviews").status_code == 401
        answer = httpx.get(f"{url}/v1/interviews", headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 200


def test_a_server_answers_and_stops_cleanly_when_told_to(database_url: str) -> None:
    with serving(database_url=database_url, secret_key=SECRET_KEY) as (url, server, _):
        assert httpx.get(f"{url}/livez").status_code == 200
        assert httpx.get(f"{url}/readyz").status_code == 200
        assert stop(server) == 0


def test_the_first_start_sets_up_a_file_and_prints_a_key_once() -> None:
    with serving() as (url, server, said):
        found = FIRST_KEY.search(said.read_text())
        assert found
        headers = {"Authorization": f"Bearer {found[1]}"}
        assert httpx.get(f"{url}/v1/interviews", headers=headers).status_code == 200
        assert stop(server) == 0
    assert Path("var/afterword.db").is_file()
    with serving() as (url, server, said):
        assert httpx.get(f"{url}/v1/interviews", headers=headers).status_code == 200
        assert stop(server) == 0
    assert said.read_text() == ""


def test_requests_are_logged_only_when_that_is_asked_for() -> None:
    for asked in (False, True):
        with serving(access_log=str(asked)) as (url, server, _):
            httpx.get(f"{url}/livez")
            stop(server)
            assert server.stderr is not None
            assert ("/livez" in server.stderr.read()) is asked


def test_a_migration_can_be_repeated(database_url: str) -> None:
    for _ in range(2):
        done = run("migrate", database_url=database_url)
        assert (done.stdout, done.stderr) == ("", "The database is up to date.\n")


def test_migrating_sets_up_an_empty_database(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new' / 'file.db'}"
    run("migrate", database_url=url)
    run("keys", "create", "--name", "curl", database_url=url)


def test_a_server_database_without_tables_is_said_to_need_migrating(empty_postgresql_url: str) -> None:
    done = run("keys", "create", "--name", "curl", status=2, database_url=empty_postgresql_url)
    assert done.stderr == "afterword: The database is not set up yet: run `python -m app migrate` first.\n"
    run("migrate", database_url=empty_postgresql_url)
    run("keys", "create", "--name", "curl", database_url=empty_postgresql_url)


def test_a_database_that_is_not_there_is_said_plainly(tmp_path: Path) -> None:
    url = f"postgresql://me:secret@/name?host={tmp_path}"
    for command in (["migrate"], ["keys", "create", "--name", "curl"]):
        done = run(*command, status=2, database_url=url)
        assert done.stderr.startswith("afterword: The database cannot be used: ")
        assert "secret" not in done.stderr


@pytest.mark.parametrize("command", ["migrate", "serve"])
@pytest.mark.parametrize(
    "url",
    [
        "postgresql://h:x/db",
        "postgresql://[::/x",
        "sqlite:////proc/x/a.db",
        "postgresql://me:secret@h:x/db",
        "postgresql://me:secret@[::/x",
    ],
)
def test_a_database_that_cannot_be_is_said_in_one_line_without_its_password(url: str, command: str) -> None:
    done = run(*(["serve", "--port", "0"] if command == "serve" else ["migrate"]), status=2, database_url=url)
    assert re.fullmatch(r"afterword: \S.*\n", done.stderr)
    assert done.stdout == ""
    assert "secret" not in done.stderr


def test_a_bad_policy_stops_the_start_with_its_file_and_line() -> None:
    Path("policies").mkdir()
    Path("policies/mine.toml").write_text('title = "Mine"\nnonsense = 1\n')
    done = run("serve", "--port", "0", status=2, policies_dir="policies")
    assert re.match(r"afterword: \S*mine\.toml, line \d", done.stderr)
    assert not Path("var").exists()


def test_a_misspelt_setting_stops_every_command() -> None:
    for command in (["serve"], ["migrate"], ["keys", "create", "--name", "curl"], ["openapi"]):
        done = run(*command, status=2, prot="80")
        assert done.stderr == "afterword: AFTERWORD_PROT is not a setting: did you mean AFTERWORD_PORT?\n"


def test_a_port_that_is_none_is_refused() -> None:
    assert "AFTERWORD_PORT: " in run("serve", "--port", "70000", status=2).stderr


def test_the_document_is_the_same_printed_and_written() -> None:
    run("openapi", "--output", "document.json")
    assert Path("document.json").read_text(encoding="utf-8") == run("openapi").stdout
    assert not Path("var/afterword.db").exists()


def test_a_worker_needs_the_newest_schema(empty_postgresql_url: str) -> None:
    said = run("worker", status=2, database_url=empty_postgresql_url, secret_key=SECRET_KEY).stderr
    assert "python -m app migrate" in said


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_postgresql_needs_a_key_for_what_is_sealed(command: str) -> None:
    said = run(command, status=2, database_url="postgresql://nowhere.invalid/none").stderr
    assert "AFTERWORD_SECRET_KEY is needed with PostgreSQL" in said


def add_endpoint(url: str) -> None:
    """Whose secret is sealed with `SECRET_KEY`."""
    from app.store.db import Database
    from tests.faults.scenes import Scene

    scene = Scene.of(Database(url))
    scene.add_endpoint("https://example.com/")
    scene.database.dispose()


@pytest.mark.parametrize("command", [["serve", "--port", "0"], ["worker"]], ids=["serve", "worker"])
def test_nothing_is_delivered_with_a_key_that_does_not_open_what_is_kept(database_url: str, command: list[str]) -> None:
    add_endpoint(database_url)
    done = subprocess.run(
        [sys.executable, "-m", "app", *command],
        env=environment({"database_url": database_url, "secret_key": OTHER_KEY}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "AFTERWORD_SECRET_KEY does not open the webhook secrets: put the older key back" in done.stderr
    # A server may start before a database that is not its own: that it has ended is an error then.
    assert done.returncode == (1 if command[0] == "serve" and "postgresql" in database_url else 2)
    assert "begins" not in done.stderr


def test_the_version_is_told() -> None:
    assert run("--version").stdout == f"{__version__}\n"


def test_resealing_lets_an_older_key_go(tmp_path: Path) -> None:
    import json

    from app.store import tables
    from app.store.db import Database
    from app.store.migrate import upgrade
    from app.vault import Vault
    from tests.faults.scenes import Scene

    url, newer = f"sqlite:///{tmp_path}/x.db", OTHER_KEY
    upgrade(url)
    scene = Scene.of(Database(url))
    scene.add_endpoint("https://example.com/")

    def reseal(keys: str, status: int = 0) -> str:
        return run("reseal", status=status, database_url=url, secret_key=keys).stderr

    assert "put the older key back" in reseal(newer, status=2)
    assert "1 endpoints" in reseal(f"{newer},{SECRET_KEY}")
    (row,) = scene.rows(tables.WebhookEndpoint)
    assert Vault([newer]).open(json.loads(row.secrets)[0]["sealed"]).startswith("whsec_")
    scene.database.dispose()
