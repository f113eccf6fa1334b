"""What is to be thought of each way in which pip-audit can end."""

import json

import pytest

from judges.audit import count_locked, judge

SOUND = {"name": "one", "version": "1.0", "vulns": []}
FLAWED = {"name": "two", "version": "2.0", "vulns": [{"id": "CVE-1"}]}
UNKNOWN = {"name": "three", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("status", "packages", "expected"),
    [
        (0, [SOUND, SOUND], 0),
        (1, [SOUND, FLAWED], 1),
        (0, [SOUND], 1),
        (0, [SOUND, UNKNOWN], 1),
        (1, [UNKNOWN, UNKNOWN], 1),
    ],
)
def test_two_packages_pass_where_both_were_audited_without_a_flaw(
    status: int, packages: list[object], expected: int
) -> None:
    assert judge(status, json.dumps({"dependencies": packages}), "", 2) == expected


@pytest.mark.parametrize(
    ("status", "complaint", "expected"),
    [
        (1, "requests.exceptions.ProxyError: Max retries exceeded with url", 0),
        (1, "Could not connect to PyPI's vulnerability feed", 0),
        (1, "ERROR: invalid requirements input", 1),
        (2, "usage: pip-audit", 2),
        (0, "", 1),
    ],
)
def test_what_says_nothing_passes_only_where_nobody_could_be_asked(status: int, complaint: str, expected: int) -> None:
    assert judge(status, "", complaint, 2) == expected


def test_a_source_that_knows_nothing_at_all_has_audited_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert judge(0, json.dumps({"dependencies": [UNKNOWN, UNKNOWN]}), "", 2) == 0
    assert "NOTHING WAS AUDITED" in capsys.readouterr().out


def test_every_package_that_is_locked_is_counted() -> None:
    assert count_locked() > 40
