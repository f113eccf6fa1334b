"""What leads to a fact and is none: "we talked about", "our discussion of", "Topic:", "you mentioned that"."""

import re
from functools import lru_cache

_NAME = r"(?!(?:let|me|mine|my|myself|our|ours|ourselves|us)\b)(?-i:[A-Z])[\w'\u2019-]+"
_WE = rf"(?:we|i|you|they|he|she|{_NAME} and i)(?:['\u2019](?:ve|d))?"
_MUCH = (
    r"(?:also|briefly|mostly|mainly|really|just|have|had|even|a lot|a bit|a little|at length|in depth|in detail"
    r"|together|more)"
)
_ABOUT = r"(?:about|on|of|around|over|regarding|concerning)"
_KIND = r"(?:long|good|great|nice|brief|short|quick|lively|interesting)"
_TALK = r"(?:conversation|discussion|chat|talk|exchange)s?"
_LABEL = (
    r"(?:topics?|subjects?|re|discussed|discussion|talking points?|notes?|question|q|answer|fit|insight|concern|about)"
)
_WITH = r"(?: (?:to|with) [\w'\u2019-]+)"
_PART = (
    r"(?:(?:hearing|learning|talking|chatting|speaking)(?: more)? (?:about|of) |discussing "
    r"|(?=our |the conversation|the way |how |your ))"
)
_I_WOULD = r"(?:i(?:['\u2019]d| would) (?:like|love) to|i (?:want|wanted) to|curious to|curious|wondering|happy to)"
_ASK_TO_BE_TOLD = (
    r"(?:(?:can|could|would|will) (?:you|somebody|anyone) )?(?:please )?(?:tell|say|share|explain)(?: (?:me|us))?"
    r"|(?:i )?(?:want|wanted|would (?:like|love)|meant|hoped) to (?:know|ask|hear|learn|talk)(?: you)?"
    r"|(?:may|can|could) i (?:please )?ask(?: you)?"
)
_THANKS = r"(?:thanks|thank you)(?: (?:so|very) much| again| a lot)* for "
_GREAT = r"(?: ?(?:so|really|very))? ?(?:great|good|nice|lovely|interesting|fun|helpful|wonderful)"
_LEAD_INS = (
    rf"(?:{_WE} )?(?:{_MUCH} )*(?:talked|spoke|chatted)(?: {_MUCH})*{_WITH}?(?: {_MUCH})* {_ABOUT}[ :]\s*",
    rf"(?:{_WE} )?(?:{_MUCH} )*discussed{_WITH}?[ :]\s*",
    rf"{_WE} (?:{_MUCH} )*(?:covered|went over|went into|got into|touched on|touched upon|talked through) ",
    r"(?:went over|touched on|touched upon|talked through|discussing|mentioned) ",
    rf"{_THANKS}(?:explaining|describing|sharing|showing(?: me)?|discussing|telling me about|talking about) ",
    rf"(?:it was|it is|it's|it\u2019s)?{_GREAT} to (?:hear|learn|talk|hear more|learn more) about ",
    rf"(?:{_WE} )?(?:{_MUCH} )*(?:learn|learned|learnt|heard?)(?: {_MUCH})* about ",
    r"i(?:['\u2019]m| am|['\u2019]m really|['\u2019]m very) (?:excited|enthusiastic|curious|passionate) about ",
    r"(?:(?:i (?:have|had) )?(?:(?:a|one|my) )?questions?|ask|asked|asking|wondered) about ",
    r"(?:talking|talk|chatting|speaking|hearing|learning more) about ",
    rf"(?:{_WE} had )?(?:(?:our|the|a|an|some) )?(?:{_KIND} )*{_TALK} {_ABOUT} ",
    rf"(?:{_WE} )?(?:{_MUCH} )*(?:enjoyed|liked|loved|appreciated) {_PART}",
    rf"{_LABEL}\s*:\s*",
    rf"(?:{_ASK_TO_BE_TOLD})(?: a bit| a little| something)?(?: more)? about ",
    rf"{_I_WOULD}(?: (?:know|ask|hear|learn|talk))?(?: a bit| a little)?(?: more)? about ",
    r"(?:regarding|concerning|about|what about|how about) (?!\d)",
    r"(?:the fact|the point|the idea|(?:your|her|his|their) (?:point|idea)) (?=that )",
)
_BEFORE_FACTS = re.compile(
    rf"(?:{'|'.join(_LEAD_INS)})+",
    re.IGNORECASE,
)
_SAY = (
    r"(?:mentioned|said|explained|noted|pointed out|told (?:me|us)|worried|concerned|feared|doubted"
    r"|talked about|spoke about|(?:asked|wondered)(?= (?:about|how|why|what|whether|where|when) ))"
)
_SAID = re.compile(
    rf"(?:{_WE}|{_NAME}) (?:{_MUCH} )*(?:(?:was|were|is|are|seemed) )?{_SAY}(?: to me)?(?: about)?(?: |: ?)"
    rf"|{_WE} (?:{_MUCH} )*(?:shared|described) "
    r"|(?:my|our) (?:understanding|impression|sense) (?:is|was) "
    r"|(?:as )?i (?:understand|understood|gather|gathered)(?: it)?,? |it sounds like ",
    re.IGNORECASE,
)
_WANTED = re.compile(
    r"(?:you(?:['\u2019]re| are) )?(?:(?:looking|searching|hiring|a search) for|in (?:search|need) of) "
    r"|(?:needs?|needing|wants?|seeking|seeks?|look for) (?!to\b)",
    re.IGNORECASE,
)
_THOUGHT = re.compile(r"i (?:think|feel|believe(?! in\b))(?: that)? ", re.IGNORECASE)
_SAID_BY_ANOTHER = re.compile(rf"(?!(?:we|i|you|my|our|as|it)\b)(?:they|he|she|{_NAME}) ", re.IGNORECASE)
_SAID_THEN = re.compile(rf",? (?:and|but|so) {_WE} (?:{_MUCH} )*{_SAY}", re.IGNORECASE)


@lru_cache(maxsize=256)  # one text goes through here several times before its shape is known
def drop_lead_in(text: str) -> str:
    """The text without what leads to the fact; empty where nothing else was typed."""
    found = _BEFORE_FACTS.match(f"{text} ")
    return text[found.end() :] if found else text


def drop_said(text: str) -> str | None:
    """What somebody said, without "you mentioned"; None where nobody is named who said it."""
    found = _SAID.match(text)
    return text[found.end() :] if found else None


def drop_wanted(text: str) -> str:
    """What somebody looks for, without "looking for" and "need"."""
    return _WANTED.sub("", text, count=1) if _WANTED.match(text) else text


def drop_thought(text: str) -> str:
    """What the writer thinks, without "I think"."""
    return _THOUGHT.sub("", text, count=1) if _THOUGHT.match(text) else text


def is_of_another(text: str) -> bool:
    """Whether a text tells what somebody else than the reader and the writer said: "Tom said tests are slow"."""
    return _SAID_BY_ANOTHER.match(text) is not None and drop_said(text) is not None


def is_dialogue(text: str) -> bool:
    """Whether a text tells who said what, and what was answered: it is no one's saying then."""
    return _SAID_THEN.search(text) is not None
