"""The templates as they are read at import, and what a broken one does."""

import shutil
from pathlib import Path

import pytest
from jinja2 import UndefinedError
from jinja2.exceptions import SecurityError

from app.drafting.phrasebook import CHAPTERS, FOLDER, TEXT, Part, read_chapter
from app.drafting.slots import MEMBERS, member_of
from app.drafting.wordings import WORDINGS


def broken(folder: Path, file: str, old: str, new: str) -> Path:
    """A copy of the check-in in which one text was changed."""
    copy = shutil.copytree(FOLDER / "check_in", folder / "check_in")
    text = (copy / file).read_text(encoding="utf-8")
    assert old in text
    (copy / file).write_text(text.replace(old, new), encoding="utf-8")
    return copy


@pytest.mark.parametrize(
    ("file", "old", "new", "named"),
    [
        ("phrases.toml", '"content.offer_more"', '"content.offer_nothing"', "content.offer_nothing"),
        ("phrases.toml", "[[offer_more]]", "[[offer_less]]", "offer_less"),
        ("phrases.toml", '"status", "offer_more"]', '"status"]', "offer_more"),
        ("phrases.toml", 'say = ["opening", ', 'says = ["opening", ', "says"),
        ("body.txt", "{{ offer_more }}", "", "offer_more"),
        ("body.txt", "{{ offer_more }}", "{{ offer_more }} {{ joke }}", "joke"),
    ],
)
def test_that_a_template_that_does_not_fit_stops_the_start(
    tmp_path: Path, file: str, old: str, new: str, named: str
) -> None:
    with pytest.raises(ValueError, match=named):
        read_chapter(broken(tmp_path, file, old, new))


def test_that_a_panel_has_enough_wordings_of_everything() -> None:
    counts = {len(way.wordings["warm"]) for name, part in CHAPTERS["thank_you"].parts.items() for way in part.ways}
    assert counts == {1, WORDINGS, 2 * WORDINGS}  # one of each subject, and more of the opening


def test_that_formal_wordings_hold_no_contraction() -> None:
    known = {slot: "X" for part in _parts() for way in part.ways for slot in way.needs}
    for part in _parts():
        for way in part.ways:
            for template in way.wordings["formal"]:
                assert "'" not in template.render(known), part.name


def _parts() -> list[Part]:
    return [part for chapter in CHAPTERS.values() for part in chapter.parts.values()]


def test_that_every_fact_that_can_be_missing_has_a_member_to_name() -> None:
    always = {"when", "conversation", "date", "short_date", "company", "job_title", "role", "candidate", "greeted"}
    always |= {"other", "other_possessive", "subject_intent", "absent"}
    slots = {slot for part in _parts() for way in part.ways for slot in way.needs}
    assert {slot for slot in slots if member_of(slot) is None} == always
    assert {name for name in MEMBERS if not any(slot.startswith(name) for slot in slots)} == set()


def test_that_nothing_undefined_is_ever_written() -> None:
    with pytest.raises(UndefinedError):
        TEXT.from_string("{{ fit }}").render()


def test_that_a_template_cannot_reach_beyond_what_it_is_given() -> None:
    with pytest.raises(SecurityError):
        TEXT.from_string("{{ ''.__class__.__mro__ }}").render()
