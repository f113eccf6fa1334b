"""Which of "a" and "an" a word wants: its first sound decides, not its first letter."""

import re

_AN = re.compile(r"hour|honest|hono[u]?r|heir|x[^aeiouy\W]|[aeiou]", re.IGNORECASE)
_A = re.compile(
    r"one(?:\b|s\b)|once\b|uni(?:[tqvxl]|on|f|ce|co|cy|di|sex|son|ca|po|mo|-)|unanim|unesco|us[aeu]|util|uto|ute|utah"
    r"|ubi|eu|ewe|ur[aiou]|ugand|ukr|ukul|u-",
    re.IGNORECASE,
)
_SPELLED_WITH_VOWEL = "AEFHILMNORSX"
_SPOKEN = frozenset({"RAM", "ROM", "SIM", "LAN", "SOC", "NAS", "MAC", "SAN", "RAG"})
_EIGHT = re.compile(r"8|(?:11|18)(?:\D|$)")
_MARKS = "\"'“”\u2018\u2019()[]$€£~#"
_WORD_FROM = 4
"""Capitals of so many letters are often said as a word: NASA, STEM."""


def article(words: str) -> str:
    """The words behind "a" or "an": "an SRE", "a user", "an hour", "an 8-year plan", "a one-off"."""
    return f"{'an' if _opens_with_vowel(words.lstrip(_MARKS)) else 'a'} {words}"


def _opens_with_vowel(words: str) -> bool:
    first = re.split(r"[\s/-]", words, maxsplit=1)[0]
    if first[:1].isdigit():
        return _EIGHT.match(first) is not None
    if _is_spelled(first):
        return first[0].upper() in _SPELLED_WITH_VOWEL
    return _A.match(words) is None and _AN.match(words) is not None


def _is_spelled(word: str) -> bool:
    """Whether a word is said letter by letter: "SRE", "L5", "X", "FPGA", but not "NASA" and "STEM"."""
    letters = re.split(r"[\W\d_]", word, maxsplit=1)[0]
    if len(letters) == 1:
        return True
    if not letters or letters[:2] != letters[:2].upper() or word in _SPOKEN:
        return False
    if len(letters) < _WORD_FROM:
        return True
    return not re.match(r"\w?[AEIOU]|S\w[AEIOU]", letters)
