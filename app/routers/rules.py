"""`/v1/rules`: every rule, the articles that ask for it, and where they disagree."""

from fastapi import Response

from app.answers import answer, show_page
from app.errors import Problem
from app.routing import Router
from app.rules.catalogue import ENTRIES, Entry
from app.schemas import RuleList

router = Router(prefix="/v1/rules", tags=["rules"])


@router.get("", response_model=RuleList)
async def list_rules() -> Response:
    """Every rule that the service knows."""
    return answer(show_page(entry.model_dump_json() for entry in ENTRIES.values()))


@router.get("/{rule_id}", response_model=Entry)
async def get_rule(rule_id: str) -> Response:
    """One rule, with what each article says where they do not say the same."""
    if rule_id not in ENTRIES:
        raise Problem.not_found("There is no such rule.")
    return answer(ENTRIES[rule_id].model_dump_json())
