"""What we say: every shape of a request and of an answer, by noun."""

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from app.errors import Problem
from app.schemas.callers import (
    AccountOut,
    AccountPatch,
    ClientTokenIn,
    ClientTokenOut,
    KeyCreatedOut,
    KeyIn,
    KeyList,
    KeyOut,
    KeyQuery,
    MeOut,
)
from app.schemas.drafts import DraftRequest, Review, StoredDraftRequest
from app.schemas.emails import EmailRequest, OptionsQuery, StoredEmailRequest
from app.schemas.events import EventIn
from app.schemas.follow_ups import SettleRequest, SnoozeRequest
from app.schemas.interviews import InterviewerIn, InterviewIn, NotesIn, PersonIn
from app.schemas.outputs import (
    EventList,
    EventOut,
    FollowUpList,
    FollowUpOut,
    InterviewList,
    InterviewOut,
    Page,
    PolicyList,
    RuleList,
)
from app.schemas.patches import InterviewPatch
from app.schemas.queries import FollowUpQuery, InterviewQuery
from app.schemas.schedules import ScheduleRequest
from app.schemas.texts import QueryInstant
from app.schemas.webhook_outputs import (
    Announcement,
    DeliveryList,
    DeliveryOut,
    EndpointCreatedOut,
    EndpointList,
    EndpointOut,
    EventTypeList,
    FullMessageOut,
    MessageList,
    RecoveryOut,
    SecretOut,
)
from app.schemas.webhooks import (
    DeliveryQuery,
    EndpointIn,
    EndpointPatch,
    MessageQuery,
    RecoverRequest,
    RotateRequest,
)

ModelT = TypeVar("ModelT", bound=BaseModel)

__all__ = [
    "AccountOut",
    "AccountPatch",
    "Announcement",
    "ClientTokenIn",
    "ClientTokenOut",
    "DeliveryList",
    "DeliveryOut",
    "DeliveryQuery",
    "DraftRequest",
    "EmailRequest",
    "EndpointCreatedOut",
    "EndpointIn",
    "EndpointList",
    "EndpointOut",
    "EndpointPatch",
    "EventIn",
    "EventList",
    "EventOut",
    "EventTypeList",
    "FollowUpList",
    "FollowUpOut",
    "FollowUpQuery",
    "FullMessageOut",
    "InterviewIn",
    "InterviewList",
    "InterviewOut",
    "InterviewPatch",
    "InterviewQuery",
    "InterviewerIn",
    "KeyCreatedOut",
    "KeyIn",
    "KeyList",
    "KeyOut",
    "KeyQuery",
    "MeOut",
    "MessageList",
    "MessageQuery",
    "NotesIn",
    "OptionsQuery",
    "Page",
    "PersonIn",
    "PolicyList",
    "QueryInstant",
    "RecoverRequest",
    "RecoveryOut",
    "Review",
    "RotateRequest",
    "RuleList",
    "ScheduleRequest",
    "SecretOut",
    "SettleRequest",
    "SnoozeRequest",
    "StoredDraftRequest",
    "StoredEmailRequest",
    "read",
]


def read(shape: type[ModelT], tree: Any) -> ModelT:
    """A tree of JSON as a shape, for what did not come as a body of its own. Raises Problem, with pointers."""
    try:
        return shape.model_validate(tree)
    except ValidationError as error:
        raise Problem.of_validation(error, tree) from None
