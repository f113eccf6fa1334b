import json
from datetime import timedelta
from typing import Any

from app.exporting import export_candidate, show_candidate
from app.schemas.candidates import CandidateOut
from app.store.db import Database
from app.store.many import PART
from app.vault import Vault
from tests.conftest import SECRET_KEY
from tests.faults.scenes import Scene
from tests.store.examples import NOW

VAULT = Vault([SECRET_KEY])


def export(scene: Scene, email: str) -> Any:
    with scene.begin() as session:
        return json.loads(export_candidate(session, VAULT, email, NOW))


def test_nobody_is_a_document_without_anything(database: Database) -> None:
    exported = export(Scene.of(database), "ana@example.com")
    assert exported == json.loads(show_candidate("ana@example.com", [], [], [], NOW))
    assert CandidateOut.model_validate(exported).interviews == []


def test_of_many_interviews_nothing_is_left_out_or_mixed_up(database: Database) -> None:
    scene = Scene.of(database)
    scene.add_endpoint("http://127.0.0.1:9/")
    scene.add_many_interviews(2 * PART + 1, NOW - timedelta(days=365))
    scene.announce()
    records = export(scene, "ana@example.com")["interviews"]
    assert len({record["interview"]["id"] for record in records}) == 2 * PART + 1
    for record in records:
        (id,) = {each["interview_id"] for each in (*record["follow_ups"], *record["messages"])}
        assert id == record["interview"]["id"]
        assert record["follow_ups"]
        assert all(len(message["deliveries"]) == 1 for message in record["messages"])
