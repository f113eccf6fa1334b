"""Settings: where they come from, what is refused, and that `.env.example` tells the truth."""

from pathlib import Path

import pytest
from dotenv import dotenv_values

from app.settings import PREFIX, Settings, SettingsError

EXAMPLE = Path(__file__).parent.parent / ".env.example"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_example_lists_every_setting_and_no_other() -> None:
    assert list(dotenv_values(EXAMPLE)) == [PREFIX + name.upper() for name in Settings.model_fields]


def test_the_example_states_the_defaults() -> None:
    defaults = {name: field.get_default() for name, field in Settings.model_fields.items()}
    assert Settings(_env_file=EXAMPLE).model_dump() == defaults


def test_the_example_explains_each_setting_as_the_code_does() -> None:
    lines = EXAMPLE.read_text().splitlines()
    for name, field in Settings.model_fields.items():
        place = next(place for place, line in enumerate(lines) if line.startswith(f"{PREFIX}{name.upper()}="))
        assert lines[place - 1] == f"# {field.description}"


def test_what_is_given_wins_over_the_environment_and_that_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("AFTERWORD_PORT=1001\nAFTERWORD_HOST=::1\nAFTERWORD_LOG_LEVEL=debug\n")
    monkeypatch.setenv("AFTERWORD_PORT", "1002")
    monkeypatch.setenv("AFTERWORD_HOST", "127.0.0.2")
    settings = Settings.load(port=1003)
    assert (settings.port, settings.host, settings.log_level) == (1003, "127.0.0.2", "debug")


def test_an_empty_value_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFTERWORD_PORT", "")
    assert Settings.load().port == 8000


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("AFTERWORD_PROT", "did you mean AFTERWORD_PORT?"),
        ("afterword_hosts", "did you mean AFTERWORD_HOST?"),
        ("AFTERWORD_XYZZY", "there are AFTERWORD_DATABASE_URL, "),
    ],
)
def test_a_misspelt_setting_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, hint: str) -> None:
    monkeypatch.setenv(name, "1")
    with pytest.raises(SettingsError, match=f"{name} is not a setting") as caught:
        Settings.load()
    assert hint in str(caught.value)


def test_a_misspelt_setting_in_the_file_is_refused_too() -> None:
    Path(".env").write_text("AFTERWORD_PROT=1\n")
    with pytest.raises(SettingsError, match="AFTERWORD_PROT is not a setting"):
        Settings.load()


def test_what_else_stands_in_the_file_is_not_ours() -> None:
    Path(".env").write_text("POSTGRES_PASSWORD=secret\nPORT=80\n")
    assert Settings.load().port == 8000


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("port", "eighty", "valid integer"),
        ("port", "65536", "less than or equal to 65535"),
        ("log_level", "loud", "'debug', 'info'"),
        ("access_log", "perhaps", "valid boolean"),
        ("policies_dir", "nowhere", "does not point to a directory"),
        ("database_url", "mysql://root:secret@host/name", "must begin with sqlite:/// or postgresql://"),
        ("database_url", "sqlite:///:memory:", "must name a file"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_but_not_repeated(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str
) -> None:
    monkeypatch.setenv(PREFIX + name.upper(), value)
    with pytest.raises(SettingsError) as caught:
        Settings.load()
    assert str(caught.value).startswith(f"{PREFIX}{name.upper()}: ")
    assert message in str(caught.value)
    assert value not in str(caught.value)


def test_every_mistake_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFTERWORD_PORT", "eighty")
    monkeypatch.setenv("AFTERWORD_LOG_LEVEL", "loud")
    with pytest.raises(SettingsError) as caught:
        Settings.load()
    assert [line.split(":")[0] for line in str(caught.value).splitlines()] == ["AFTERWORD_PORT", "AFTERWORD_LOG_LEVEL"]


def test_the_password_of_the_database_is_not_shown() -> None:
    settings = Settings(database_url="postgresql://me:hunter2@host/name", _env_file=None)
    assert "hunter2" not in repr(settings)
