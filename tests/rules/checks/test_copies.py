"""Two drafts for one panel do not share most of their words."""

from tests.rules.checks.drafts import GOOD, find, find_known, pick


def test_that_a_copy_of_another_draft_is_found() -> None:
    copy = GOOD.replace("Hi Ada", "Dear Mr. Ito").replace("fair", "just")
    [finding] = [
        one for one in find_known(GOOD, other_drafts=("Hi,\n\nQuite another text.", copy)) if one.rule == "lint.copied"
    ]
    assert "%" in finding.message
    assert finding.span is None


def test_that_greeting_and_signature_may_be_the_same() -> None:
    other = "Hi Ada,\n\nKafka is a log that you can read twice, and that is why I like it so much.\n\nBest,\nRobin"
    assert pick("copied", find_known(GOOD, other_drafts=(other, "Hi Ada,\n\nBest,\nRobin"))) == []


def test_that_half_of_the_shorter_draft_may_be_shared() -> None:
    words = [f"word{n}" for n in range(24)]
    assert pick("copied", find(" ".join(words), other_drafts=(" ".join([*words[:14], *"abcdefghij"]),))) == []
    assert pick("copied", find(" ".join(words), other_drafts=(" ".join([*words[:16], *"abcdefgh"]),))) == [None]
