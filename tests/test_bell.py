"""What a write rings."""

from app.bell import Bell


def test_it_rings_for_whoever_listens_and_for_nobody_else() -> None:
    bell, heard = Bell(), list[str]()
    bell.ring()
    bell.listen(lambda: heard.append("ring"))
    bell.ring()
    bell.fall_silent()
    bell.ring()
    assert heard == ["ring"]
