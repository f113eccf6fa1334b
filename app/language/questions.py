"""Questions made indirect, and indirect ones made questions, where that is safe.

"How do you review incidents?" <-> "how you review incidents". Where the subject's end or the verb's form cannot be
told, there is no answer rather than a wrong one.
"""

import re
from collections.abc import Sequence

from app.language.casing import lower_letter
from app.language.verbs import BASES, PARTICIPLES, PAST, PRESENT_OF, THIRD, VERBS, third_person
from app.language.words import WORDS, read_words

_DO = frozenset({"do", "does", "did"})
_BE = frozenset({"am", "is", "are", "was", "were"})
_HAVE = frozenset({"have", "has", "had"})
_SUBJECTS = frozenset({"i", "we", "you", "they", "he", "she", "it", "there", "this", "that", "everyone", "everybody"})
_ASKED_SUBJECTS = frozenset({"i", "we", "you", "they", "he", "she", "it", "everyone", "everybody"})
_ARTICLES = frozenset(
    {"the", "a", "an", "this", "these", "my", "your", "our", "their", "his", "her", "its", "every", "each"}
)
_VERB = 2
"""Where the verb of "how you measure" stands."""
_FARTHEST_AUXILIARY = 6
_I = r"i(?:['\u2019]d| would)"
_LEARN = r"(?:know|ask|hear|learn|understand)"
_ASKED = re.compile(
    r"^(?:(?:can|could|would|will) you (?:please )?(?:tell|show|explain|say|share|describe|walk)(?: me| us)?"
    r"(?: through)?"
    r"|(?:may|can|could) i (?:please )?ask(?: you)?|do you know|i (?:was|am) wondering|i wonder(?:ed)?"
    rf"|i(?:['\u2019]m| am) curious(?: to know)?|{_I} (?:like|love) to {_LEARN}|i (?:want|wanted) to {_LEARN}"
    rf"|{_I} be (?:curious|interested)(?: to know)?|tell me|please (?:tell me|explain|share))(?: more)?(?: about)?,? "
    r"(?=(?:how|why|what|where|when|who|which|whether)\b)",
    re.IGNORECASE,
)
_CONTRACTED = re.compile(r"^(how|what|where|when|who|why)['\u2019]s ", re.IGNORECASE)


def opens_question(words: Sequence[str]) -> bool:
    """Whether words, in small letters, begin as a question or as an indirect one does."""
    return words[0].split("'")[0] in WORDS.question_words or words[0] in WORDS.auxiliaries


def make_indirect(question: str) -> str | None:
    """A question without its mark as a clause: "how you measure success"; None where that is not safe.

    "How", "who" and the like without a turned verb ("who owns the pager") are a clause already.
    """
    text = _CONTRACTED.sub(lambda found: f"{found[1]} is ", _ASKED.sub("", question, count=1), count=1)
    clause = _turn_back(text)
    # A clause that could be turned once more was no clause.
    return clause if clause and _turn_back(clause) == clause else None


def _turn_back(text: str) -> str | None:
    words, plain = text.split(" "), read_words(text)
    at = None if plain[0] == "whether" else _find_auxiliary(plain)
    if at is None:
        return lower_letter(text) if plain[0] in WORDS.question_words and len(words) > 1 else None
    turned = _turn(words, plain, at)
    if turned is None or plain[0] in WORDS.question_words:
        return turned
    return f"whether {turned}"


def make_direct(clause: str) -> str | None:
    """A clause as a question: "how you measure success" -> "How do you measure success?"; None where not safe."""
    plain, words = read_words(clause), clause.split(" ")
    if len(words) > 1 and plain[0] in {"who", "what", "which"} and _tells_itself(plain[1]):
        return f"{clause[:1].upper()}{clause[1:]}?"
    if len(words) <= _VERB or plain[0] not in WORDS.question_words or plain[1] not in _ASKED_SUBJECTS:
        return None
    verb = _VERB + (plain[_VERB] in WORDS.adverbs and len(words) > _VERB + 1)
    asked = _ask(plain[1], plain[verb])
    if asked is None:
        return None
    auxiliary, base = asked
    opening = [] if plain[0] == "whether" else [words[0]]
    turned = " ".join([*opening, auxiliary, *words[1:verb], *base, *words[verb + 1 :]])
    return f"{turned[:1].upper()}{turned[1:]}?"


def _tells_itself(word: str) -> bool:
    """Whether a word behind "who" can only be its verb."""
    return word in WORDS.auxiliaries or (word in THIRD and THIRD[word] not in VERBS.also_nouns)


def _ask(subject: str, verb: str) -> tuple[str, list[str]] | None:
    if verb in WORDS.auxiliaries and verb not in _DO:
        return verb, []
    if subject in {"i", "you", "we", "they"} and verb in BASES:
        return "do", [verb]
    if subject in {"he", "she", "it", "everyone", "everybody"} and verb in THIRD:
        return "does", [THIRD[verb]]
    return ("did", [PRESENT_OF[verb]]) if verb in PRESENT_OF else None


def _find_auxiliary(plain: Sequence[str]) -> int | None:
    """Where the turned verb of a question stands; None where no verb is turned."""
    if plain[0] not in WORDS.question_words:
        return 0 if plain[0] in WORDS.auxiliaries else None
    for n in range(1, min(len(plain), _FARTHEST_AUXILIARY)):
        if plain[n] in WORDS.pronouns or plain[n] in WORDS.relatives or plain[n] in _ARTICLES:
            return None
        if plain[n] in WORDS.auxiliaries:
            return n if n == 1 or _asks_about(plain[:n], plain[n + 1 :]) else None
    return None


def _asks_about(opening: Sequence[str], rest: Sequence[str]) -> bool:
    """Whether words before a verb are asked about, and not its subject: "how often do", "which team will I"."""
    if opening[0] == "how":
        return opening[1] in {"many", "much"} | WORDS.adjectives | WORDS.adverbs
    turned = bool(rest) and (rest[0] in _SUBJECTS or rest[0] in WORDS.determiners)
    return turned and opening[0] in {"what", "which", "whose"}


def _turn(words: Sequence[str], plain: Sequence[str], at: int) -> str | None:
    """The words with the verb behind its subject."""
    opening, auxiliary, rest, rest_plain = [*words[:at]], plain[at], [*words[at + 1 :]], [*plain[at + 1 :]]
    if not rest:
        return None
    if (
        opening
        and (plain[0] in {"who", "what", "which"} or plain[1] in {"many", "much"})
        and _asks_for_subject(auxiliary, rest_plain[0])
    ):
        return lower_letter(" ".join(words))
    size = _measure_subject(auxiliary, rest, rest_plain, asks_yes_no=not opening or plain[0] in {"how", "why"})
    if size is None:
        return None
    subject, predicate = rest[:size], rest[size:]
    told = _tell(auxiliary, predicate, rest_plain[size:])
    if told is None:
        return None
    return lower_letter(" ".join([*opening, *subject, *told])) if opening else " ".join([*subject, *told])


def _asks_for_subject(auxiliary: str, following: str) -> bool:
    """Whether the question word is itself the subject: "who is on call", "what has changed", "which will win"."""
    if auxiliary in _BE:
        return following in WORDS.prepositions | WORDS.adjectives | PARTICIPLES or following.endswith(("ing", "ed"))
    if auxiliary in _HAVE:
        return following in PARTICIPLES or following.endswith("ed")
    return auxiliary not in _DO and following in BASES


def _measure_subject(auxiliary: str, rest: Sequence[str], plain: Sequence[str], *, asks_yes_no: bool) -> int | None:
    """How many words the subject has; None where that cannot be told."""
    if plain[0] in _SUBJECTS:
        return 1
    if _is_name(rest):
        return 1
    if plain[0] not in WORDS.determiners and auxiliary in _BE:
        return _measure_before_deed(plain)
    start = 2 if plain[0] in WORDS.determiners else 1
    if auxiliary in _BE:
        return _measure_before_state(plain, start, asks_yes_no=asks_yes_no)
    return _measure_before_verb(plain, start, PARTICIPLES if auxiliary in _HAVE else BASES)


def _is_name(rest: Sequence[str]) -> bool:
    owns = rest[0].endswith(("'s", "\u2019s"))
    return rest[0][:1].isupper() and not owns and len(rest) > 1 and not rest[1][:1].isupper()


def _measure_before_verb(plain: Sequence[str], start: int, forms: frozenset[str]) -> int | None:
    found = []
    for n in range(start, min(len(plain), start + 4)):
        if plain[n] in WORDS.prepositions | WORDS.determiners | WORDS.relatives | {"and", "or"}:
            break
        if plain[n] in forms:
            found.append(n)
    return found[0] if len(found) == 1 else None


def _measure_before_deed(plain: Sequence[str]) -> int | None:
    """The end of a bare subject: "incidents / reviewed", "new hires / onboarded"."""
    for n, word in enumerate(plain[1:3], 1):
        ends = n + 1 == len(plain)
        if word in PARTICIPLES or word.endswith(("ing", "ed")) or (ends and word in WORDS.adjectives):
            return n
        if word in WORDS.prepositions | WORDS.determiners | WORDS.relatives:
            break
    return None


def _measure_before_state(plain: Sequence[str], start: int, *, asks_yes_no: bool) -> int | None:
    """The end of the subject before a form of "be": "the team / working on", "the plan / for next year"."""
    for n in range(start, len(plain)):
        word = plain[n]
        if word in PARTICIPLES or word.endswith(("ing", "ed")) or (n == start and word in WORDS.adjectives):
            return n
        if word in WORDS.prepositions - {"of"}:
            return None if asks_yes_no and n > start else n
        if word in WORDS.determiners | WORDS.relatives | WORDS.pronouns | {"and", "or"} and plain[n - 1] != "of":
            return None
    return None if asks_yes_no and len(plain) > start else len(plain)


def _tell(auxiliary: str, predicate: list[str], plain: Sequence[str]) -> list[str] | None:
    """The predicate as it stands in a clause: "does" and "did" go into the verb, the rest stays before it."""
    if auxiliary not in _DO:
        return [auxiliary, *predicate]
    verb = next((n for n, word in enumerate(plain) if word not in WORDS.adverbs and not word.endswith("ly")), None)
    if verb is None or auxiliary == "do":
        return predicate or None
    told = _inflect(auxiliary, plain[verb])
    rest = predicate[verb][len(plain[verb]) :]
    if told is None:
        return None
    return [*predicate[:verb], told + rest, *predicate[verb + 1 :]]


def _inflect(auxiliary: str, verb: str) -> str | None:
    """A verb with its "does" or "did" inside; None for one whose past is not known."""
    if auxiliary == "did":
        return PAST.get(verb) if verb != "be" else None
    return third_person(verb) if verb.isalpha() else None
