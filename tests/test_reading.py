import json
from typing import Any
from unicodedata import is_normalized

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Problem
from app.reading import DEPTH, FORBIDDEN, is_clean, read_json
from app.wording import MOST


def _problem(body: bytes) -> Problem:
    with pytest.raises(Problem) as caught:
        read_json(body)
    return caught.value


def _pointers(body: bytes) -> list[str | None]:
    return [fault.pointer for fault in _problem(body).faults]


@pytest.mark.parametrize(
    "body",
    [b"{}", b"[]", b"7", b"-0", b"1.5", b'"text"', b"null", b' {"a": [true, false, null]}\n', b'{"a":"x\\/\\"\\\\n"}'],
)
def test_ordinary_json_is_read_as_the_standard_library_reads_it(body: bytes) -> None:
    assert read_json(body) == json.loads(body)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Ana Mar\u00eda L\u00f3pez", "Ana Mar\u00eda L\u00f3pez"),
        ("e\u0301", "\u00e9"),
        ("\u05e9\u05dc\u05d5\u05dd", "\u05e9\u05dc\u05d5\u05dd"),
        ("\u0646\u0627\u0645\u0647\u200c\u0627\u06cc", "\u0646\u0627\u0645\u0647\u200c\u0627\u06cc"),
        ("\U0001f469\u200d\U0001f4bb", "\U0001f469\u200d\U0001f4bb"),
        ("\u674e\u5c0f\u9f8d", "\u674e\u5c0f\u9f8d"),
        ("\u200fabc", "\u200fabc"),
    ],
)
@pytest.mark.parametrize("escaped", [True, False])
def test_letters_of_every_script_stay_in_normal_form_c(text: str, kept: str, *, escaped: bool) -> None:
    body = json.dumps({text: [text]}, ensure_ascii=escaped).encode()
    assert read_json(body) == {kept: [kept]}


def test_an_escape_and_a_raw_mark_that_combine_are_normalised_together() -> None:
    assert read_json(b'"\\u00e1' + "\u0323".encode() + b'"') == "\u1ea1\u0301"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b'{"a": 1, "a": 2}', "/a"),
        (b'{"x": [{"b": 1, "c": 2, "b": 3}]}', "/x/0/b"),
        (b'{"\\u0061": 1, "a": 2}', "/a"),
        ('{"e\u0301": 1, "\u00e9": 2}'.encode(), "/\u00e9"),
        (b'{"a/b~c": {"d": 1, "d": 1}}', "/a~1b~0c/d"),
    ],
)
def test_a_member_given_twice_is_named(body: bytes, pointer: str) -> None:
    assert _pointers(body) == [pointer]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "9" * 5000, "-" + "9" * 19])
def test_a_number_without_bounds_is_named(number: str) -> None:
    assert _pointers(f'{{"a": [1, {number}]}}'.encode()) == ["/a/1"]


@pytest.mark.parametrize(
    "character",
    ["\x00", "\t", "\n", "\x1b", "\x1f", "\x7f", "\x80", "\x85", "\x9f", "\u202a", "\u202e", "\u2066", "\u2069"],
)
@pytest.mark.parametrize("escaped", [True, False])
def test_a_character_that_no_text_may_hold_is_named(character: str, *, escaped: bool) -> None:
    shown = f"\\u{ord(character):04x}" if escaped else character
    assert _pointers(f'{{"a": ["ok", "b{shown}c"]}}'.encode()) == ["/a/1"]
    assert _pointers(f'{{"a{shown}": 1}}'.encode()) == ["/a\ufffd"]


@pytest.mark.parametrize("escape", ["\\ud800", "\\udc00", "\\udc00\\ud800", "\\ud83d\\n"])
def test_a_lone_surrogate_is_named(escape: str) -> None:
    assert _pointers(f'{{"a": "{escape}"}}'.encode()) == ["/a"]
    assert len(_pointers(f'{{"{escape}": 1}}'.encode())) == 1


def test_a_pair_of_surrogates_is_one_character() -> None:
    assert read_json(b'"\\ud83d\\ude00"') == "\U0001f600"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" \n",
        b"\xef\xbb\xbf{}",
        "{}".encode("utf-16"),
        '{"a": "b"}'.encode("utf-16-le"),
        "{}".encode("utf-32"),
        b'{"a": "\xed\xa0\x80"}',
        b'{"a": "\xff"}',
        b"{} x",
        b"{}{}",
        b"{'a': 1}",
        b'{"a": 1,}',
        b"[1, ]",
        b'{"a": 1, "a": 2} x',
        b'{"a": 01}',
        b'{"a": +1}',
        b'{"a": "b',
        b"{a: 1}",
        b"// {}",
        b"\x00",
        b"name=Ana",
    ],
)
def test_what_is_no_json_in_utf_8_is_malformed(body: bytes) -> None:
    problem = _problem(body)
    assert problem.title == "Bad Request"
    assert problem.detail.startswith("The body ")


def test_a_syntax_error_is_told_with_its_place_but_without_the_text() -> None:
    problem = _problem(b'{\n  "secret": secret\n}')
    assert problem.detail == "The body is not valid JSON: Expecting value, at line 2, column 13."


@pytest.mark.parametrize(("start", "end"), [("[", "]"), ('{"a":', "}")])
def test_nesting_is_read_down_to_its_limit_and_no_further(start: str, end: str) -> None:
    read_json((start * DEPTH + "1" + end * DEPTH).encode())
    problem = _problem((start * (DEPTH + 1) + "1" + end * (DEPTH + 1)).encode())
    assert "nested too deeply" in problem.detail


@pytest.mark.parametrize("body", [b"[" * 10_000, b"[" * 10_000 + b"]" * 10_000, b'{"a":' * 10_000])
def test_nesting_without_end_is_refused(body: bytes) -> None:
    assert "nested too deeply" in _problem(body).detail


def test_many_short_lists_beside_each_other_are_no_nesting() -> None:
    assert read_json(b"[" + b"[]," * 100 + b"[]]") == [[]] * 101


def test_everything_that_is_odd_is_told_at_once_within_reason() -> None:
    assert _pointers(b'{"a": NaN, "b": "\\u0000", "c": 1, "c": 2}') == ["/a", "/b", "/c"]
    assert len(_pointers(b"[" + b"NaN," * 1000 + b"NaN]")) == MOST


def test_a_text_from_elsewhere_is_held_to_the_same() -> None:
    assert is_clean("Ana")
    assert is_clean("\u05d0\u200d")
    assert not any(map(is_clean, ["a\x00", "\n", "\x7f", "\x80", "\u202e", "\udc80"]))


DRAFT = frozenset({"text", "others"})


@pytest.mark.parametrize(
    "text",
    [
        "Hi,\n\nThank you.\n",
        "a\r\nb",
        "\ta\tb",
        "e\u0301 and \u00e9",
        "\u212b",
        "\u05d0\u200d",
        "\U0001f600\n",
        "\n",
        "  a  ",
    ],
)
@pytest.mark.parametrize("escaped", [True, False])
def test_a_verbatim_member_comes_out_as_it_was_sent(text: str, *, escaped: bool) -> None:
    tree = {"text": text, "others": [text, text], "kind": "check_in"}
    assert read_json(json.dumps(tree, ensure_ascii=escaped).encode(), DRAFT) == tree


@pytest.mark.parametrize(
    "character",
    ["\x00", "\x08", "\x0b", "\x0c", "\r", "\r\r\n", "\x1b", "\x7f", "\x85", "\u202e", "\u2066", "\ud800"],
)
def test_a_verbatim_member_holds_nothing_else_that_no_text_may(character: str) -> None:
    body = json.dumps({"text": f"a{character}b\n", "others": ["fine\n", f"{character}b"]}).encode()
    with pytest.raises(Problem) as caught:
        read_json(body, DRAFT)
    assert [fault.pointer for fault in caught.value.faults] == ["/text", "/others/1"]


def test_which_line_breaks_a_verbatim_member_may_hold_is_said() -> None:
    with pytest.raises(Problem) as caught:
        read_json(b'{"text": "a\\rb"}', DRAFT)
    [fault] = caught.value.faults
    assert r"line breaks (\n or \r\n) may be" in fault.detail


def test_only_the_outermost_members_are_verbatim() -> None:
    with pytest.raises(Problem) as caught:
        read_json(b'{"text": "a\\nb", "subject": "a\\nb", "notes": {"text": "a\\nb"}, "te\\nxt": 1}', DRAFT)
    assert [fault.pointer for fault in caught.value.faults] == ["/subject", "/notes/text", "/te\ufffdxt"]
    assert read_json(b'{"subject": "e\\u0301", "text": "e\\u0301"}', DRAFT) == {"subject": "\u00e9", "text": "e\u0301"}
    assert _pointers(b'{"text": "a\\nb"}') == ["/text"]


def test_a_raw_line_break_is_no_json_even_where_an_escaped_one_may_stand() -> None:
    with pytest.raises(Problem) as caught:
        read_json(b'{"text": "a\nb"}', DRAFT)
    assert caught.value.detail == "The body is not valid JSON: Invalid control character, at line 1, column 12."


def test_a_verbatim_member_given_twice_is_named() -> None:
    with pytest.raises(Problem) as caught:
        read_json(b'{"text": "a\\n", "text": "b\\n"}', DRAFT)
    assert [fault.pointer for fault in caught.value.faults] == ["/text"]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def _texts(tree: Any) -> list[str]:
    if isinstance(tree, str):
        return [tree]
    if isinstance(tree, list):
        return [text for item in tree for text in _texts(item)]
    return [text for item in tree.items() for text in _texts(list(item))] if isinstance(tree, dict) else []


@given(tree=JSON, escaped=st.booleans(), indent=st.sampled_from([None, 2]))
def test_whatever_is_read_is_clean_and_whatever_is_clean_is_read(
    *,
    tree: Any,
    escaped: bool,
    indent: int | None,
) -> None:
    text = json.dumps(tree, ensure_ascii=escaped, indent=indent)
    clean = not any(FORBIDDEN.search(text) for text in _texts(tree))
    normal = all(is_normalized("NFC", text) for text in _texts(tree))
    try:
        read = read_json(text.encode("utf-8", "surrogatepass"))
    except Problem:
        assert not (clean and normal)  # two names may become the same one
        return
    assert clean
    assert all(is_normalized("NFC", text) for text in _texts(read))
    if normal:
        assert read == tree


@given(st.binary())
def test_no_bytes_bring_the_reader_down(body: bytes) -> None:
    try:
        read_json(body)
    except Problem as problem:
        json.dumps(problem.document()).encode()
