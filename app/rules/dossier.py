"""All that is known when something is written about an interview."""

from collections.abc import Sequence
from typing import NamedTuple

from app.rules.facts import Event, Interview
from app.rules.policy import Policy


class Dossier(NamedTuple):
    """An interview, what happened since in any order, and the policy that is followed."""

    interview: Interview
    events: Sequence[Event]
    policy: Policy
