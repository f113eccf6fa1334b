"""The emails as they are kept to be read."""

import pytest

from tests.drafting.golden import FOLDER, golden

WRITTEN = golden()


def test_that_every_file_is_an_email_and_every_email_a_file() -> None:
    assert {file.name for file in FOLDER.glob("*")} == WRITTEN.keys()


@pytest.mark.parametrize("name", WRITTEN)
def test_that_emails_read_as_they_were_last_read(name: str) -> None:
    """What changes them is followed by `python -m tests.drafting.golden`, and by reading them aloud."""
    assert (FOLDER / name).read_text(encoding="utf-8") == WRITTEN[name]
