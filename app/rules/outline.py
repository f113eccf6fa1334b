"""Every follow-up that an interview and its events ask for, before anything is cancelled (section 8 of the rules)."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from app.rules import reasons
from app.rules.clauses import FinalCheckIn
from app.rules.facts import DecisionDateStated, InstructionGiven, Interviewer, OfferReceived, Rejected, SituationChanged
from app.rules.history import History
from app.rules.plans import Kind
from app.rules.slugs import make_slugs
from app.rules.steps import REJECTION_REPLIES, Kept, Known, Step, address, address_contact, finish, next_key
from app.rules.windows import (
    Case,
    check_in_window,
    final_check_in_window,
    offer_reply_window,
    read_decision_date,
    rejection_window,
    situation_update_window,
    thank_you_window,
)


def outline(case: Case, history: History, kept: Kept) -> dict[str, Step]:
    """Every step by key; those of a panel in the order of the interviewers, what is kept as it was."""
    known = _know(case, history, kept)
    asked = [step for ask in dict.fromkeys(ASKS.values()) for step in ask(known)]
    return {step.key: step for step in asked} | dict(kept)


def outline_kind(kind: Kind, case: Case, history: History, kept: Kept) -> dict[str, Step]:
    """The steps of one kind by key, and those that are computed with them."""
    return {step.key: step for step in ASKS[kind](_know(case, history, kept))}


def _know(case: Case, history: History, kept: Kept) -> Known:
    given = history.latest(InstructionGiven)
    return Known(case, history, kept, given[1] if given else None)


def _thank_yous(known: Known) -> Iterator[Step]:
    case, card = known.case, known.case.policy.card
    window = thank_you_window(case, known.not_before)
    why = reasons.thank_you(case, window)
    thanked, recipient_rule = _choose_thanked(case.interview.stage, case.interview.interviewers)
    rules = (case.policy.thank_you.rule, recipient_rule)
    inherited = "thank_you" in case.policy.inherited
    for interviewer, slug in zip(thanked, make_slugs(person.name for person in thanked), strict=True):
        key, recipient, carded = f"thank_you/{slug}", address(interviewer), bool(interviewer.postal_address)
        step = Step(key, "thank_you", window, why, rules, inherited, recipient=recipient)
        yield finish(known, _by_card(step, card.rule) if carded and card.use == "instead" else _by_email(step))
        if carded and card.use == "besides":
            step = Step(f"{key}/card", "thank_you", window, why, rules, inherited, recipient=recipient)
            yield finish(known, _by_card(step, card.rule))


def _by_email(step: Step) -> Step:
    step.rules += ("channel.email_first",)
    return step


def _by_card(step: Step, rule: str) -> Step:
    step.channel = "card"
    step.rules += (rule,)
    return step


def _choose_thanked(stage: str, interviewers: tuple[Interviewer, ...]) -> tuple[tuple[Interviewer, ...], str]:
    recruiters = tuple(person for person in interviewers if person.role == "recruiter")
    if stage == "phone_screen" and recruiters:
        return recruiters, "recipient.phone_screen"
    return interviewers, "recipient.each_interviewer"


def _check_ins(known: Known) -> Iterator[Step]:
    named = known.history.latest(DecisionDateStated)
    stated = named[1].decision_by if named else known.case.interview.decision_by
    decision = read_decision_date(known.case, stated)
    key, settled_at = next_key(known.kept, "check_in")
    check_in = None
    if settled_at < 0:
        check_in = _check_in(known, key, decision, stated)
    elif named and decision and named[0] > settled_at:
        check_in = _check_in(known, key, decision, stated, born=named[0])
    if check_in is not None:
        yield check_in
    # The last message is counted from the first check-in: a later date plans one check-in again and no final one.
    anchor = known.kept.get("check_in") or check_in
    clause = known.case.policy.final_check_in
    if clause is not None and anchor is not None:
        yield _final_check_in(known, anchor, clause)


def _check_in(known: Known, key: str, decision: date | None, stated: date | None, born: int = -1) -> Step:
    case, policy = known.case, known.case.policy
    window = check_in_window(case, decision, known.not_before)
    why = reasons.check_in(case, window, decision, stated)
    if decision is None:
        rules: tuple[str, ...] = (policy.check_in.unstated.rule,)
        inherited = "check_in.unstated" in policy.inherited
    else:
        rules = ("timing.wait_for_stated_date", policy.check_in.stated.rule)
        inherited = "check_in.stated" in policy.inherited
    return address_contact(known, Step(key, "check_in", window, why, rules, inherited, born))


def _final_check_in(known: Known, anchor: Step, clause: FinalCheckIn) -> Step:
    due = anchor.window.due_at
    window = final_check_in_window(known.case, clause, due, known.not_before)
    why = reasons.final_check_in(known.case, window, clause, due)
    rules = (clause.rule, known.case.policy.limit.rule)
    return address_contact(known, Step("final_check_in", "final_check_in", window, why, rules))


def _offer_reply(known: Known) -> Iterator[Step]:
    found = known.history.latest(OfferReceived)
    key, settled_at = next_key(known.kept, "offer_reply")
    if found and found[0] > settled_at:
        position, offer = found
        policy = known.case.policy
        window = offer_reply_window(known.case, offer)
        why = reasons.offer_reply(known.case, window, offer)
        inherited = "offer_reply" in policy.inherited
        yield address_contact(
            known, Step(key, "offer_reply", window, why, (policy.offer_reply.rule,), inherited, position)
        )


def _rejection_reply(known: Known) -> Iterator[Step]:
    found = known.history.latest(Rejected)
    # One message after a rejection: what went out already was it.
    if found is None or any(step.kind in REJECTION_REPLIES for step in known.kept.values()):
        return
    position, rejected = found
    policy = known.case.policy
    asks = rejected.went_well and policy.feedback_request.when == "went_well"
    kind: Kind = "feedback_request" if asks else "rejection_reply"
    clause = policy.feedback_request if asks else policy.rejection_reply
    window = rejection_window(known.case, rejected.occurred_at, clause.open_days)
    why = reasons.after_rejection(known.case, window, asks_for_feedback=asks)
    yield address_contact(known, Step(kind, kind, window, why, (clause.rule,), kind in policy.inherited, position))


def _situation_update(known: Known) -> Iterator[Step]:
    found = known.history.latest(SituationChanged)
    key, settled_at = next_key(known.kept, "situation_update")
    if found and found[0] > settled_at:
        position, change = found
        policy = known.case.policy
        window = situation_update_window(known.case, change, known.not_before)
        why = reasons.situation_update(known.case, window, change)
        inherited = "situation_update" in policy.inherited
        yield address_contact(
            known, Step(key, "situation_update", window, why, (policy.situation_update.rule,), inherited, position)
        )


ASKS: Mapping[Kind, Callable[[Known], Iterator[Step]]] = {
    "thank_you": _thank_yous,
    "check_in": _check_ins,
    "final_check_in": _check_ins,
    "offer_reply": _offer_reply,
    "rejection_reply": _rejection_reply,
    "feedback_request": _rejection_reply,
    "situation_update": _situation_update,
}
"""What asks for the steps of each kind."""
