"""Secrets at rest, and the key beside an embedded database."""

import multiprocessing
from base64 import urlsafe_b64encode
from pathlib import Path
from secrets import token_bytes
from typing import Any

import pytest

from app.settings import Settings, SettingsError
from app.vault import Sealed, Vault, open_vault


def _key() -> str:
    return urlsafe_b64encode(token_bytes(32)).decode()


def _settings(folder: Path, **given: Any) -> Settings:
    return Settings(database_url=f"sqlite:///{folder}/kept.db", _env_file=None, **given)


def test_what_is_sealed_can_be_opened_and_does_not_show() -> None:
    vault = Vault([_key()])
    sealed = vault.seal("whsec_abc é")
    assert "abc" not in sealed
    assert vault.open(sealed) == "whsec_abc é"
    assert vault.seal("whsec_abc é") != sealed


def test_after_a_rotation_the_newest_key_seals_and_the_older_ones_still_open() -> None:
    old, new = _key(), _key()
    sealed = Vault([old]).seal("secret")
    both = Vault([new, old])
    assert both.open(sealed) == "secret"
    assert Vault([new]).open(both.seal("other")) == "other"


def test_without_its_key_nothing_opens() -> None:
    with pytest.raises(Sealed):
        Vault([_key()]).open(Vault([_key()]).seal("secret"))


def test_an_embedded_database_has_its_key_beside_it_for_nobody_else(tmp_path: Path) -> None:
    sealed = open_vault(_settings(tmp_path / "new")).seal("secret")
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["kept.key"]
    assert (tmp_path / "new" / "kept.key").stat().st_mode & 0o777 == 0o600
    assert open_vault(_settings(tmp_path / "new")).open(sealed) == "secret"


def test_the_operators_keys_win_and_may_be_several(tmp_path: Path) -> None:
    old, new = _key(), _key()
    sealed = open_vault(_settings(tmp_path, secret_key=old)).seal("secret")
    assert open_vault(_settings(tmp_path, secret_key=f"{new}, {old}")).open(sealed) == "secret"
    assert list(tmp_path.iterdir()) == []


def test_postgresql_needs_the_operators_key() -> None:
    with pytest.raises(SettingsError, match="AFTERWORD_SECRET_KEY is needed"):
        open_vault(Settings(database_url="postgresql://nowhere/none", _env_file=None))


def _read_key(folder: Path) -> str:
    open_vault(_settings(folder))
    return (folder / "kept.key").read_text()


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        keys = pool.map(_read_key, [tmp_path] * 8)
    assert len(set(keys)) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["kept.key"]


@pytest.mark.parametrize("text", ["short", "é" * 44, "x" * 44])
def test_a_key_of_the_wrong_length_is_refused_at_the_start(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFTERWORD_SECRET_KEY", f"{_key()},{text}")
    with pytest.raises(SettingsError, match=r"AFTERWORD_SECRET_KEY: .*32 bytes in url-safe base64") as caught:
        Settings.load()
    assert text not in str(caught.value)
