"""What the layers below refuse, as problem documents: each exception of theirs has its answer here."""

from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from app.auth import Forbidden
from app.callers import Unauthorized
from app.drafting import Undraftable
from app.errors import Problem
from app.rules.addressing import UnknownRecipient
from app.scheduling import Full, Settled, Unfit, UnknownPolicy
from app.store.endpoints import Crowded
from app.store.find import NotFound
from app.store.interviews import Stale, Taken
from app.store.paging import BadCursor
from app.webhooks.guard import BadUrl, Refused
from app.webhooks.keyring import SecretInUse, TooManySecrets
from app.webhooks.recovery import Unsendable
from app.webhooks.signing import BadSecret
from app.wording import Fault, point

PROBLEMS: Mapping[type[Exception], Callable[[Any], Problem]] = {
    NotFound: lambda error: Problem.not_found(f"There is no such {error.what}."),
    Unauthorized: lambda error: Problem.unauthorized(str(error)),
    Forbidden: lambda error: Problem.forbidden(str(error)),
    Taken: lambda error: Problem.conflict(
        str(error), Fault("belongs to another interview", pointer=point(error.member))
    ),
    Stale: lambda _: Problem.conflict("The interview was changed at the same moment; try again."),
    BadCursor: lambda error: Problem.invalid(Fault(str(error), parameter="cursor")),
    Unfit: lambda error: Problem.invalid(Fault(str(error), pointer=point(error.member))),
    Settled: lambda error: Problem.conflict(f"{str(error).capitalize()}."),
    Full: lambda error: Problem.conflict(f"{str(error).capitalize()}.", Fault(str(error), pointer=point(error.member))),
    UnknownRecipient: lambda error: Problem.invalid(Fault(str(error), pointer="/recipient")),
    Undraftable: lambda error: Problem.invalid(Fault(str(error), pointer=point(*error.path))),
    BadUrl: lambda error: Problem.invalid(Fault(f"must be a URL that webhooks can go to: {error}", pointer="/url")),
    Refused: lambda _: Problem.invalid(Fault("must not lead to a private or reserved address", pointer="/url")),
    BadSecret: lambda _: Problem.invalid(Fault("must be whsec_ and the base64 of 24 to 64 bytes", pointer="/secret")),
    SecretInUse: lambda error: Problem.invalid(Fault(str(error), pointer="/secret")),
    TooManySecrets: lambda error: Problem.conflict(f"{str(error).capitalize()}."),
    Crowded: lambda error: Problem.conflict(f"{str(error).capitalize()}."),
    Unsendable: lambda error: Problem.conflict(f"{str(error).capitalize()}."),
    UnknownPolicy: lambda error: Problem.conflict(f"The interview follows a policy that is not loaded: {error.name}."),
}
"""The problem that each exception comes to."""


async def refuse(request: Request, error: Exception) -> Response:
    """The answer to any of these exceptions."""
    return PROBLEMS[type(error)](error).answer(request)


def of_stored(error: Undraftable) -> Problem:
    """What cannot be written of a stored interview: what is missing is named where it stands in that interview."""
    if error.path[0] == "options":
        return PROBLEMS[Undraftable](error)
    pointer = point(*error.path[error.path[0] == "interview" :])
    return Problem("invalid", f"{pointer} of the interview {error}.", [Fault(str(error), pointer=pointer)])


def of_step(error: Undraftable) -> Problem:
    """The same where the options stand in the query."""
    if error.path[0] == "options":
        return Problem.invalid(Fault(str(error), parameter=str(error.path[-1])))
    return of_stored(error)
