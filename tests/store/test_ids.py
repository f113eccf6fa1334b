from datetime import timedelta
from typing import get_args
from uuid import UUID

import pytest

from app.store.ids import Prefix, first_message_id, is_id, new_id
from tests.store.examples import NOW


@pytest.mark.parametrize("prefix", get_args(Prefix))
def test_an_id_fits_the_pattern_of_its_kind_and_of_no_other(prefix: Prefix) -> None:
    id = new_id(prefix, NOW)
    assert [other for other in get_args(Prefix) if is_id(other, id)] == [prefix]


def test_behind_the_prefix_stands_a_uuid_of_version_7_with_its_time() -> None:
    uuid = UUID(new_id("int", NOW).removeprefix("int_"))
    assert uuid.version == 7
    assert uuid.variant == "specified in RFC 4122"
    assert uuid.int >> 80 == int(NOW.timestamp() * 1000)


def test_ids_sort_in_the_order_in_which_they_were_made_to_the_microsecond() -> None:
    ids = [new_id("evt", NOW + timedelta(microseconds=count)) for count in range(3000)]
    assert ids == sorted(ids)


def test_no_two_ids_of_one_instant_are_the_same() -> None:
    assert len({new_id("fu", NOW) for _ in range(10_000)}) == 10_000


@pytest.mark.parametrize(
    "text", ["", "int_", "int_" + "g" * 32, "int_" + "0" * 31, "INT_" + "0" * 32, "int_" + "٣" * 32]
)
def test_what_is_no_id_is_told_apart(text: str) -> None:
    assert not is_id("int", text)


def test_a_line_end_after_an_id_is_not_overlooked() -> None:
    assert not is_id("int", new_id("int", NOW) + "\n")


def test_before_the_first_id_of_an_instant_stand_those_made_earlier_and_behind_it_its_own() -> None:
    first = first_message_id(NOW)
    assert new_id("msg", NOW - timedelta(milliseconds=1)) < first <= new_id("msg", NOW)
