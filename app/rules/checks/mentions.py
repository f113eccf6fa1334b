"""Which company and which role a draft names, against those of the interview."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from app.language.sentences import Stretch
from app.rules.checks.findings import MOST, cut, find
from app.rules.checks.reading import Reading
from app.rules.checks.vocabulary import VOCABULARY, fold
from app.rules.drafts import Finding
from app.rules.facts import Interview

_COMPANY, _ROLE = VOCABULARY.company, VOCABULARY.role
_NAME = r"[A-Z][\w&'-]*(?:\.\w+)?(?:,? (?:Inc|Ltd|LLC|GmbH|Corp)\b| (?:&|of|and) [A-Z][\w&'-]*| [A-Z][\w&'-]*){0,4}"
_AT = "|".join(_COMPANY.named_at)
_JOIN = "|".join(_COMPANY.joined)
_HINT = "|".join(_COMPANY.hinted_at)
_SURE = rf"(?i:{_AT})|(?i:{_JOIN})(?= (?:the )?{_NAME}(?:{_COMPANY.ends}))"
_WORK_AT = re.compile(rf"\b(?:(?P<sure>{_SURE})|(?i:{_HINT})) (?:the )?(?P<name>{_NAME})")
_SUBJECT_AT = re.compile(rf"\b(?:(?P<sure>{_SURE}|(?i:at))|(?i:{_HINT})) (?:the )?(?P<name>{_NAME})")
_SHORTEST_STEM = 4
_LONGEST_OWN = 60
_TITLE = r"[\w/+#&-]+"
_THE_ROLE = re.compile(
    rf"\b(?i:the|this|your) (?P<before>(?:{_TITLE} ){{1,6}}?)(?:{_ROLE.after})\b"
    r"(?! (?:that )?(?:you|we|they|I|which)\b)"
    rf"|\b(?:{_ROLE.after}) of (?:an? |the )?(?P<behind>(?:{_TITLE} ?){{1,5}})"
    rf"|\binterview(?:ed|ing|s)? for (?:the |your |an? )?(?P<asked>(?:{_TITLE} ?){{1,5}})"
)
_THE_INTERVIEW = re.compile(rf"\b(?i:the|this|your) (?P<before>(?:{_TITLE} ){{1,6}}?)(?i:interview)\b")
_OWN = re.compile(r"\b(?:my|our|his|her|their)(?: \w{1,20}){0,2} $")
_YOURS = re.compile(r"\byour(?: \w{1,20}){0,2} $", re.IGNORECASE)
_WORD = re.compile(r"[\w/+#&'-]+")


def check_company(reading: Reading) -> Iterator[Finding]:
    """Another company, such as "the role at Contoso" where the interview was at Northwind.

    An error only in the plainest words, since it stops a draft; a warning in others.
    """
    if reading.draft.interview is not None:
        yield from islice(_find_companies(reading, reading.draft.interview), MOST)


def _find_companies(reading: Reading, interview: Interview) -> Iterator[Finding]:
    for text, start, where in _sentences(reading):
        if _is_elsewhere(text):
            continue
        for match in (_WORK_AT if where else _SUBJECT_AT).finditer(text):
            if not _is_whose(_OWN, text, match.start()) and _is_other_company(interview, match["name"]):
                is_plain = match["sure"] is not None or (not where and " at " in match[0].lower())
                is_sure = is_plain and not (where and _is_whose(_YOURS, text, match.start()))
                span = (
                    cut(reading.draft.text, start + match.start("name"), start + match.end("name")) if where else None
                )
                yield _report(match["name"], interview.company, span, is_sure=is_sure)


def check_role(reading: Reading) -> Iterator[Finding]:
    """Another role, such as "the Backend Engineer role" where the interview was for a data engineer.

    An error only where it is written as a title; talk of "the product manager role" may be of a colleague's.
    """
    if reading.draft.interview is not None:
        yield from islice(_find_roles(reading, reading.draft.interview), MOST)


def _find_roles(reading: Reading, interview: Interview) -> Iterator[Finding]:
    for text, start, where in _sentences(reading):
        if _is_elsewhere(text):
            continue
        for match in _THE_ROLE.finditer(text) if where else _find_in_subject(text):
            group = str(match.lastgroup)
            named = _cut_title(match[group])
            if named and not _is_whose(_OWN, text, match.start()) and _is_other_role(interview, named.split()):
                at = start + match.start(group) + match[group].find(named)
                span = cut(reading.draft.text, at, at + len(named)) if where else None
                yield _report(named, interview.job_title, span, is_sure=_is_title(named) and not text.endswith("?"))


def _find_in_subject(subject: str) -> Iterator[re.Match[str]]:
    """Roles, and "the Product Manager interview", but not "the Hiring Manager interview"."""
    yield from _THE_ROLE.finditer(subject)
    for match in _THE_INTERVIEW.finditer(subject):
        if not VOCABULARY.offices.issuperset(fold(match["before"])) and _is_title(_cut_title(match["before"])):
            yield match


def _report(named: str, right: str, where: Stretch | None, *, is_sure: bool) -> Finding:
    place = "" if where else "In the subject: "
    message = (
        f"{place}{named} stands here, but the interview was about {right}. A leftover of another letter costs"
        " trust, so put the right name."
    )
    return find("lint.wrong_name", "error" if is_sure else "warning", message, where, right)


def _sentences(reading: Reading) -> Iterator[tuple[str, int, bool]]:
    """The subject and each sentence of the body, the facts blanked out; where it starts, and whether in the text."""
    yield reading.masked_subject, 0, False
    for sentence in reading.sentences:
        yield reading.masked[sentence.start : sentence.end].replace("\n", " "), sentence.start, True


def _is_whose(whose: re.Pattern[str], text: str, end: int) -> bool:
    """Whether what ends here says whose a role is: "my role at"."""
    return whose.search(text[max(0, end - _LONGEST_OWN) : end]) is not None


def _is_title(named: str) -> bool:
    """Whether a title is written as one, with a noun: "Account Manager", not "account manager" or "Marketing"."""
    return all(word[0].isupper() for word in named.split()) and any(word in _ROLE.nouns for word in fold(named))


def _is_elsewhere(text: str) -> bool:
    """Whether a sentence speaks of another job by right: an earlier one, or another offer."""
    return not _COMPANY.elsewhere.isdisjoint(word.lower() for word in _WORD.findall(text))


def _is_other_company(interview: Interview, named: str) -> bool:
    words = [word for word in fold(named) if word not in _COMPANY.suffixes]
    right = [word for word in fold(interview.company) if word not in _COMPANY.suffixes] or list(fold(interview.company))
    if not words or words[0] in _COMPANY.not_companies or _is_short_for(words[0], fold(interview.company)):
        return False
    people = {word for who in interview.interviewers for word in fold(who.name)}
    if not people.union(right).isdisjoint(words) or "".join(words) == "".join(right):
        return False
    return not _ROLE.fields.union(_ROLE.nouns, fold(interview.job_title)).issuperset(words)


def _is_short_for(word: str, names: Sequence[str]) -> bool:
    """Whether a word is made of the first letters of some names: SRE, IBM."""
    initials = "".join(name[0] for name in names)
    return len(word) > 1 and word.rstrip("s") in initials


def _cut_title(words: str) -> str:
    """The words of a title: from behind what cannot stand in one, up to the noun that ends it."""
    each = words.split()
    ends = [n for n, word in enumerate(each) if fold(word) and fold(word)[-1] in _ROLE.nouns]
    each = each[: ends[-1] + 1] if ends else each
    while each and not _may_title(each[0]):
        each = each[1:]
    return " ".join(each)


def _may_title(word: str) -> bool:
    folded = fold(word)
    return bool(folded) and (word[0].isupper() or set(folded) <= _ROLE.fields | _ROLE.nouns)


def _is_other_role(interview: Interview, words: Sequence[str]) -> bool:
    """Whether a title has a noun, or in capitals a field, that the right one has not."""
    right = fold(interview.job_title)
    named = [word for whole in words for word in fold(whole) if word not in _ROLE.ranks]
    telling = [word for word in named if word in _ROLE.nouns or word in _ROLE.fields]
    if not telling or (not _ROLE.nouns.intersection(telling) and not all(word[0].isupper() for word in words)):
        return False
    if _ROLE.nouns.isdisjoint((*named, *right)):
        return False
    return any(not _is_part(word, right) for word in telling)


def _is_part(word: str, right: Sequence[str]) -> bool:
    """Whether a word belongs to the right title: "engineering" to "engineer", "ML" to "machine learning"."""
    stem = word[: max(_SHORTEST_STEM, len(word) - len("ring"))]
    return (
        word in right
        or any(name.startswith(stem) and len(stem) >= _SHORTEST_STEM for name in right)
        or _is_short_for(word, right)
    )
