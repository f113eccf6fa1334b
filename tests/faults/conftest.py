"""What every fault finds: a scene on a fresh database of either kind."""

import pytest

from app.store.db import Database
from tests.faults.scenes import Scene


@pytest.fixture
def scene(database: Database) -> Scene:
    """The account `default`, whose key is `key`."""
    return Scene.of(database)
