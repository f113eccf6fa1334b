"""The sections of a policy file, each citing the rule of the catalogue that it answers to."""

from datetime import time
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema, model_validator

from app.rules.catalogue import RULES


def _known_rule(rule: str) -> str:
    if rule not in RULES:
        raise ValueError("must be the id of a rule in the catalogue, such as timing.thank_you")
    return rule


Hours = Annotated[int, Field(strict=True, ge=0, le=24 * 14)]
Days = Annotated[int, Field(strict=True, ge=1, le=60)]
# Not JSON Schema's own `time`, which wants an offset.
LocalTime = Annotated[time, Field(strict=True), WithJsonSchema({"type": "string", "pattern": r"^\d\d:\d\d:\d\d$"})]
RuleId = Annotated[str, AfterValidator(_known_rule)]


class Clause(BaseModel):
    """One section of a policy, and the rule that it answers to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: RuleId


class CivilHours(Clause):
    """A clause that keeps to the hours of the day at which one writes."""

    earliest: LocalTime
    latest: LocalTime

    @model_validator(mode="after")
    def _early_before_late(self) -> "CivilHours":
        if self.earliest >= self.latest:
            raise ValueError("must have earliest before latest")
        return self


class HoursAfterEnd(CivilHours):
    """A thank-you counted in elapsed hours from the interview's end, due at a civil hour."""

    counted_from: Literal["end"]
    opens_after_hours: Hours
    due_after_hours: Hours
    closes_after_hours: Hours

    @model_validator(mode="after")
    def _in_order(self) -> "HoursAfterEnd":
        if not self.opens_after_hours <= self.due_after_hours < self.closes_after_hours:
            raise ValueError("must have opens_after_hours <= due_after_hours < closes_after_hours")
        return self


class OnNextDay(Clause):
    """A thank-you on the day after the interview, open until that day ends."""

    counted_from: Literal["next_day"]
    opens: LocalTime


class CheckInStated(Clause):
    """A check-in on the first working morning that is at least this many days after the stated date."""

    days_after_date: Days
    open_days: Days


class CheckInUnstated(Clause):
    """A check-in where no date was stated: days after the interview, and whether they must be full ones."""

    days_after_interview: Days
    full_days: bool = Field(strict=True)
    open_days: Days


class FinalCheckIn(Clause):
    """A last message, days after the check-in's due date."""

    days_after_check_in: Days
    open_days: Days


class OfferReply(CivilHours):
    """An answer to an offer at a civil hour; without a deadline it closes some working days later."""

    closes_after_working_days: Days
    closes: LocalTime


class RejectionReply(Clause):
    """An answer to a rejection on the next working morning."""

    open_days: Days


class FeedbackRequest(Clause):
    """A request for feedback, which takes the place of the rejection reply where it is allowed."""

    when: Literal["went_well", "never"]
    open_days: Days


class SituationUpdate(CivilHours):
    """News from the candidate that should not wait, told in working hours."""

    open_days: Days


class Card(Clause):
    """A handwritten card where there is a postal address: never, as advice, instead of the email or besides it."""

    use: Literal["never", "advice", "instead", "besides"]


class Limit(Clause):
    """How many messages at most may stand unanswered; a panel's thank-yous are one."""

    messages: Annotated[int, Field(strict=True, ge=1, le=10)]
