"""Our own warm wording made formal."""

import re

_IS = "it|that|there|what|who|where|how|here|he|she"
_PATTERNS: tuple[tuple[str, str], ...] = (
    (r"\b(can)['\u2019]t\b", r"\1not"),
    (r"\b(w)on['\u2019]t\b", r"\1ill not"),
    (r"\b(sha)n['\u2019]t\b", r"\1ll not"),
    (r"\b(do|does|did|is|are|was|were|have|has|had|could|would|should|might|must|need)n['\u2019]t\b", r"\1 not"),
    (r"\b(let)['\u2019]s\b", r"\1 us"),
    (rf"\b({_IS})['\u2019]s been\b", r"\1 has been"),
    (rf"\b({_IS})['\u2019]s\b", r"\1 is"),
    (r"\b(i)['\u2019]m\b", r"\1 am"),
    (r"\b(you|we|they|there|what|who)['\u2019]re\b", r"\1 are"),
    (r"\b(i|you|we|they|he|she|it|that|there|who|this)['\u2019]ll\b", r"\1 will"),
    (r"\b(i|you|we|they|he|she|it|that|there|who)['\u2019]d (better|been)\b", r"\1 had \2"),
    (r"\b(i|you|we|they|he|she|it|that|there|who)['\u2019]d\b", r"\1 would"),
    (r"\b(i|you|we|they|who|could|would|should|might|must)['\u2019]ve\b", r"\1 have"),
)
_CONTRACTIONS = tuple((re.compile(pattern, re.IGNORECASE), full) for pattern, full in _PATTERNS)


def expand(text: str) -> str:
    """The text without contractions: "I'm" -> "I am", "can't" -> "cannot". Possessives stay.

    It knows our templates, not all English: "'d" is "would", but "had" before "better" and "been"; "'s" is "is", but
    "has" before "been", and behind nouns it shows what is theirs.
    """
    for contraction, full in _CONTRACTIONS:
        text = contraction.sub(full, text)
    return text
