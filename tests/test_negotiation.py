from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Problem
from app.negotiation import MEDIA_TYPES, choose, prefers_gzip

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", "json"),
        (" , ,", "json"),
        ("*/*", "json"),
        ("application/*", "json"),
        ("text/*", "text"),
        ("text/html", "html"),
        ("TEXT/Html", "html"),
        ("message/rfc822", "eml"),
        ("message/*;q=0.1", "eml"),
        ("image/png, text/plain", "text"),
        (BROWSER, "html"),
    ],
)
def test_the_form_is_one_that_was_asked_for(accept: str, form: str) -> None:
    assert choose(accept) == form


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("text/html;q=0.5, message/rfc822;q=0.6", "eml"),
        ("text/html ; q=0.5 ,message/rfc822 ;q=0.6", "eml"),
        ("text/html;Q=0.5, message/rfc822;Q=0.6", "eml"),
        ("text/html;q=.2, text/plain;q=0.100", "html"),
        ("text/html;q=0.001, */*;q=0", "html"),
        ("text/html;q=1.000, application/json;q=0.999", "html"),
    ],
)
def test_what_is_wanted_more_is_answered(accept: str, form: str) -> None:
    assert choose(accept) == form


@pytest.mark.parametrize(
    "weight", ["abc", "2", "-1", "nan", "inf", "1e-9", "1.5", "", ".", "0.5x", "\u0661", '"0"', "0x0", "high"]
)
def test_a_weight_that_cannot_be_read_is_as_good_as_none_since_apaches_httpd_reads_it_so(weight: str) -> None:
    assert choose(f"text/plain;q={weight}") == "text"
    assert choose(f"text/plain;q={weight}, text/html;q=0.999, */*;q=0.9") == "text"


def test_a_weight_without_a_value_is_as_good_as_none() -> None:
    assert choose("text/html;q") == "html"


@pytest.mark.parametrize("nothing", ["0", "0.", "0.0", "0.000", ".0", f"0.{'0' * 100}"])
def test_what_weighs_nothing_is_refused(nothing: str) -> None:
    assert choose(f"application/json;q={nothing}, */*;q=0.1") == "text"
    with pytest.raises(Problem):
        choose(f"text/plain;q={nothing}")


def test_of_what_is_wanted_as_much_the_first_that_is_offered_is_answered() -> None:
    assert choose("message/rfc822, text/html, text/plain, application/json") == "json"
    assert choose("message/rfc822, text/html") == "html"


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("*/*, application/json;q=0", "text"),
        ("application/json;q=0, */*", "text"),
        ("text/*;q=0.3, text/html;q=0.7, */*;q=0.5", "html"),
        ("text/*, text/plain;q=0.1, application/json;q=0.5", "html"),
        ("text/plain;q=0.1, text/plain;charset=utf-8;q=0.9, text/html;q=0.5", "text"),
        ("*/*;q=0.9, application/*;q=0, text/*;q=0", "eml"),
    ],
)
def test_the_more_exact_range_counts_wherever_it_stands(accept: str, form: str) -> None:
    assert choose(accept) == form


@pytest.mark.parametrize(
    "parameters", ["charset=utf-8", "charset=UTF-8", 'charset="utf-8"', " charset=utf-8 ;q=0.7", ";"]
)
def test_all_of_ours_is_utf_8(parameters: str) -> None:
    assert choose(f"text/html;{parameters}") == "html"


@pytest.mark.parametrize(
    "accept",
    [
        "image/png",
        "text/markdown, image/*",
        "application/json;q=0",
        "*/*;q=0",
        "text/html;level=1",
        "text/html;level=1;q=1",
        "text/plain;charset=latin-1",
        "text/html;q=0,5",
        "json",
        "*",
        "html/text",
        ";",
        ";;;q=1",
        '"text/html"',
        'image/png;a="text/html, text/plain"',
        'image/png;a="\\", text/html, "',
        'image/png;a=", text/html',
    ],
)
def test_what_nothing_of_ours_answers_is_told_what_there_is(accept: str) -> None:
    with pytest.raises(Problem) as caught:
        choose(accept)
    assert caught.value.title == "Not Acceptable"
    assert [fault.header for fault in caught.value.faults] == ["Accept"]
    assert all(media in caught.value.detail for media in MEDIA_TYPES.values())


PIECES = [
    "text/html",
    "application/json",
    "*/*",
    "q=",
    ";q=0.5",
    ",",
    ";",
    '"',
    "\\",
    "=",
    " ",
    "*",
    "/",
    "\u00e9",
    "a",
]


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=3)).map("".join))
def test_no_header_brings_the_choice_down(accept: str) -> None:
    with suppress(Problem):
        assert choose(accept) in MEDIA_TYPES


@pytest.mark.parametrize(
    "accept",
    ['"' * 60_000, '\\"' * 30_000, ",;" * 30_000, "a/b;q=0.5," * 6_000, "text/" * 12_000, "a/b;q=0." + "0" * 60_000],
)
def test_a_header_as_long_as_may_be_is_read_in_one_pass(accept: str) -> None:
    with pytest.raises(Problem):
        choose(accept)


@pytest.mark.parametrize(
    ("accept_encoding", "wanted"),
    [
        ("", False),
        ("gzip", True),
        ("GZIP ; Q=0.5", True),
        ("x-gzip", True),
        ("deflate, gzip;q=1.0, *;q=0.5", True),
        ("*", True),
        ("identity, gzip", True),
        ("gzip;q=0", False),
        ("gzip;q=0.000, *", False),
        ("*;q=0", False),
        ("br", False),
        ("gzipped", False),
        ("identity, gzip;q=0.5", False),
        ("identity;q=0.5, gzip;q=0.5", True),
    ],
)
def test_gzip_is_taken_where_it_is_wanted_and_nothing_else_more(accept_encoding: str, *, wanted: bool) -> None:
    assert prefers_gzip(accept_encoding) is wanted
