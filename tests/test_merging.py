from copy import deepcopy
from typing import Any

import pytest

from app.merging import merge

# RFC 7396, appendix A, row by row.
TABLE: list[tuple[Any, Any, Any]] = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]


@pytest.mark.parametrize(("target", "patch", "merged"), TABLE)
def test_a_patch_makes_what_the_standard_says(target: Any, patch: Any, merged: Any) -> None:
    assert merge(target, patch) == merged


@pytest.mark.parametrize(("target", "patch", "_merged"), TABLE)
def test_merging_changes_neither_the_target_nor_the_patch(target: Any, patch: Any, _merged: Any) -> None:
    before = deepcopy((target, patch))
    merge(target, patch)
    assert (target, patch) == before


def test_the_same_patch_once_more_changes_nothing() -> None:
    patch = {"a": None, "b": {"c": [1], "d": None}}
    once = merge({"a": 1, "b": {"d": 2, "e": 3}}, patch)
    assert merge(once, patch) == once == {"b": {"c": [1], "e": 3}}


def test_a_null_inside_a_list_is_a_value() -> None:
    assert merge({"a": [1]}, {"a": [None, {"b": None}]}) == {"a": [None, {"b": None}]}
