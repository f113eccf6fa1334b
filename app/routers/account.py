"""`/v1/account`: what an account decides for itself."""

import json
from datetime import UTC, datetime

from fastapi import Request, Response

from app.answers import answer, show_account
from app.auth import MayAdminister, require_scopes
from app.routing import Router
from app.schemas import AccountOut, AccountPatch
from app.store.keys import change_account, find_account

router = Router(prefix="/v1/account", tags=["keys"])


@router.get("", response_model=AccountOut)
def get_account(gate: MayAdminister) -> Response:
    """Read the account that the key belongs to."""
    with gate.peek(datetime.now(UTC)) as session:
        return answer(show_account(find_account(session)))


@router.patch("", response_model=AccountOut)
def patch_account(request: Request, gate: MayAdminister, patch: AccountPatch) -> Response:
    """Change the account by a merge patch (RFC 7396). A list is replaced as a whole.

    `retention_days` needs the scope `erase`, too.
    """
    changes, now = patch.model_dump(exclude_unset=True), datetime.now(UTC)
    if "allowed_origins" in changes:
        changes["allowed_origins"] = json.dumps(changes["allowed_origins"])
    with gate.begin(now) as session:
        if "retention_days" in changes:
            require_scopes(gate.recall(session.connection, now), ["erase"])  # it makes the worker erase
        shown = show_account(change_account(session, changes))
    request.app.state.origins.renew()
    return answer(shown)
