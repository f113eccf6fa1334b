"""`/v1/policies`: whose advice can be followed, and every value of it with the rule that it answers to."""

from fastapi import Response

from app.answers import answer, show_page
from app.dependencies import LoadedPolicies
from app.errors import Problem
from app.routing import Router
from app.rules.policy import Policy
from app.schemas import PolicyList

router = Router(prefix="/v1/policies", tags=["rules"])


@router.get("", response_model=PolicyList)
async def list_policies(policies: LoadedPolicies) -> Response:
    """Every policy that is loaded: the built-in ones, then your own."""
    return answer(show_page(policy.model_dump_json() for policy in policies.values()))


@router.get("/{name}", response_model=Policy)
async def get_policy(policies: LoadedPolicies, name: str) -> Response:
    """One policy. What stands under `inherited` is not its source's word but `balanced`'s."""
    if name not in policies:
        raise Problem.not_found("There is no such policy.")
    return answer(policies[name].model_dump_json())
