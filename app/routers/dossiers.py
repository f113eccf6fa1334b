"""What is known where something is asked for: told in the request, or kept of a stored interview."""

from collections.abc import Sequence

from app.errors import Problem
from app.rules.dossier import Dossier
from app.rules.facts import Event, FollowUpSent, FollowUpSkipped, FollowUpSnoozed, Interview
from app.rules.planner import plan
from app.rules.plans import Plan
from app.scheduling import Policies, UnknownPolicy, choose_policy, facts_of
from app.store.db import Session
from app.store.find import find_interview
from app.wording import Fault, point

Settling = FollowUpSent | FollowUpSkipped | FollowUpSnoozed


def read_told(interview: Interview, events: Sequence[Event], policies: Policies) -> Dossier:
    """What a request tells, as far as it can be. Raises Problem for a policy that is not loaded, or a mistyped key."""
    known = open_told(interview, events, policies)
    if any(isinstance(event, Settling) for event in events):
        require_known_keys(known, plan(*known, events[0].occurred_at))
    return known


def open_told(interview: Interview, events: Sequence[Event], policies: Policies) -> Dossier:
    """What a request tells, for whoever plans anyway and looks at the keys then. Raises Problem for the policy."""
    try:
        return Dossier(interview, events, choose_policy(policies, interview.policy))
    except UnknownPolicy as error:
        raise Problem.invalid(Fault(str(error), pointer=point("interview", "policy"))) from None


def read_stored(session: Session, interview_id: str, policies: Policies) -> Dossier:
    """What is known of a stored interview. Raises NotFound, UnknownPolicy."""
    interview, events = facts_of(session, find_interview(session, interview_id))
    return Dossier(interview, events, choose_policy(policies, interview.policy))


def require_known_keys(known: Dossier, planned: Plan) -> None:
    """Refuse an event on a follow-up that the interview never had: most likely its key is mistyped."""
    keys = _keys_of(planned)
    for number, event in enumerate(known.events):
        if not isinstance(event, Settling) or event.key in keys:
            continue
        until_then = [other for other in known.events if other.occurred_at <= event.occurred_at]
        if event.key not in _keys_of(plan(*known._replace(events=until_then), event.occurred_at)):
            expected = f"must be the key of a follow-up of this interview: {', '.join(sorted(keys))}"
            raise Problem.invalid(Fault(expected, pointer=point("events", number, "key")))
        keys.add(event.key)  # looked into once: the next event on it costs nothing


def _keys_of(planned: Plan) -> set[str]:
    """The keys of all follow-ups that the facts ask for."""
    return {step.key for step in planned.follow_ups if step.rules}
