"""What tells sentences and the parts of a letter apart, from sentences.toml."""

from app.language.word_lists import Phrases, Set, WordLists


class Marks(WordLists):
    """The marks of sentences.toml, each a run of characters."""

    stops: str
    full_width_stops: str
    closers: str
    openers: str
    bullets: str
    after_greeting: str
    commas: str
    after_bare_name: str
    after_sign_off: str
    dashes: str


class Endings(WordLists):
    """The words of sentences.toml that tell where a sentence ends."""

    never_end: Set
    may_end: Set
    numbered: Set
    opening: Set


class LetterWords(WordLists):
    """The words of sentences.toml that tell the parts of a letter."""

    salutations: Phrases
    unnamed: Phrases
    among_names: Set
    sign_offs: Phrases
    degrees: Phrases


class SentenceWords(WordLists):
    """The tables of sentences.toml."""

    marks: Marks
    sentences: Endings
    letters: LetterWords


SENTENCE_WORDS = SentenceWords.load("sentences.toml")
