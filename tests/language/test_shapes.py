"""What people type as a fact becomes a part of a sentence that reads as English, whatever they typed."""

import pytest

from app.language.shapes import (
    Fact,
    read_answer,
    read_concern,
    read_contribution,
    read_insight,
    read_news,
    read_reference,
    read_understanding,
)


@pytest.mark.parametrize(
    ("typed", "fact"),
    [
        ("Set up a first stream within a month.", Fact("set up a first stream within a month", "infinitive")),
        ("to set up a first stream", Fact("set up a first stream", "infinitive")),
        ("help you ship Go services", Fact("help you ship Go services", "infinitive")),
        ("Mentor juniors", Fact("mentor juniors", "infinitive")),
        ("Start with the on-call rota", Fact("start with the on-call rota", "infinitive")),
        ("Audit the codebase", Fact("audit the codebase", "infinitive")),
        ("bring order to the backlog", Fact("bring order to the backlog", "infinitive")),
        ("interview customers", Fact("interview customers", "infinitive")),
        ("pair with support", Fact("pair with support", "infinitive")),
        ("speed up the tests", Fact("speed up the tests", "infinitive")),
        ("plan for growth", Fact("plan for growth", "infinitive")),
        ("focus on tests", Fact("focus on tests", "infinitive")),
        ("help train the new starters", Fact("help train the new starters", "infinitive")),
        ("process improvements", Fact("process improvements", "thing")),
        ("design reviews", Fact("design reviews", "thing")),
        ("research on pricing", Fact("research on pricing", "thing")),
        ("focus groups", Fact("focus groups", "thing")),
        ("review of the pipeline", Fact("review of the pipeline", "thing")),
        ("setting up a first stream", Fact("setting up a first stream", "doing")),
        ("a first stream within a month", Fact("a first stream within a month", "thing")),
        ("I'd start with the ledger", Fact("I'd start with the ledger.", "sentence")),
    ],
)
def test_what_somebody_would_do_first_may_be_an_infinitive(typed: str, fact: Fact) -> None:
    assert read_contribution(typed) == fact


@pytest.mark.parametrize(
    ("typed", "fact"),
    [
        ("You need someone to own the ledger.", Fact("you need someone to own the ledger", "that")),
        ("My understanding is that you want to ship weekly", Fact("you want to ship weekly", "that")),
        ("someone who owns the ledger", Fact("someone who owns the ledger", "thing")),
        ("to own ingestion", Fact("somebody to own ingestion", "thing")),
        ("need help w/ reporting", Fact("help w/ reporting", "thing")),
        ("looking for someone who can start fast", Fact("someone who can start fast", "thing")),
        ("You're looking for a lead", Fact("a lead", "thing")),
        ("need to ship faster", Fact("need to ship faster", "unsure")),
        ("how the team works", Fact("How the team works.", "sentence")),
        ("hire two more engineers", Fact("hire two more engineers", "unsure")),
        ("moving from batch to streaming", Fact("moving from batch to streaming", "doing")),
        ("You ship daily. You want hourly.", Fact("You ship daily. You want hourly.", "sentence")),
    ],
)
def test_what_they_need_follows_that(typed: str, fact: Fact) -> None:
    assert read_understanding(typed) == fact


@pytest.mark.parametrize(
    ("typed", "fact"),
    [
        ("most bugs hide at the seams", Fact("most bugs hide at the seams", "that")),
        ("Most bugs hide at the seams.", Fact("most bugs hide at the seams", "that")),
        ("that most bugs hide at the seams", Fact("most bugs hide at the seams", "that")),
        ('"On-call should be boring"', Fact("on-call should be boring", "that")),
        ("Ben pointed out that queues hide problems", Fact("queues hide problems", "that")),
        ("Good teams share context early", Fact("good teams share context early", "that")),
        ("Kafka is a log, not a queue", Fact("Kafka is a log, not a queue", "that")),
        ("the team needs to ship faster", Fact("the team needs to ship faster", "that")),
        ("The team wants more tests", Fact("the team wants more tests", "that")),
        ("the team ships features", Fact("the team ships features", "that")),
        ("US teams move fast", Fact("US teams move fast", "that")),
        ("the systems team", Fact("the systems team", "thing")),
        ("the seams between services", Fact("the seams between services", "thing")),
        ("how you shard tables", Fact("how you shard tables", "clause")),
        ("writing the runbook first", Fact("writing the runbook first", "doing")),
        ("Queues hide problems. Alerts do not.", Fact("Queues hide problems. Alerts do not.", "sentence")),
    ],
)
def test_an_insight_follows_that(typed: str, fact: Fact) -> None:
    assert read_insight(typed) == fact


@pytest.mark.parametrize(
    ("typed", "fact"),
    [
        ("the importance of tests", Fact("the importance of tests", "thing")),
        ("importance of tests", Fact("the importance of tests", "thing")),
        ("Conway's law", Fact("Conway's law", "thing")),
        ("advice on hiring", Fact("advice on hiring", "thing")),
        ("small batches", Fact("small batches", "thing")),
        ("good documentation beats meetings", Fact("Good documentation beats meetings.", "sentence")),
        ("simple code wins", Fact("Simple code wins.", "sentence")),
        ("Simplicity scales", Fact("Simplicity scales.", "sentence")),
        ("the boring option wins", Fact("The boring option wins.", "sentence")),
        ("teams of five work best", Fact("Teams of five work best.", "sentence")),
        ("nobody reads dashboards", Fact("Nobody reads dashboards.", "sentence")),
        ("silence means agreement", Fact("Silence means agreement.", "sentence")),
        ("tests over types", Fact("Tests over types.", "sentence")),
        ("never deploy on Fridays", Fact("Never deploy on Fridays.", "sentence")),
        ("always be shipping", Fact("Always be shipping.", "sentence")),
        ("don't repeat yourself", Fact("Don't repeat yourself.", "sentence")),
        ("Ship small, ship often", Fact("Ship small, ship often.", "sentence")),
        ("to listen first", Fact("To listen first.", "sentence")),
        ("plans to move", Fact("Plans to move.", "sentence")),
        ("he believes in pairing", Fact("He believes in pairing.", "sentence")),
        ("She said she'd rather ship", Fact("She'd rather ship.", "sentence")),
    ],
)
def test_an_insight_is_quoted_unless_it_surely_is_a_thing_or_a_clause(typed: str, fact: Fact) -> None:
    assert read_insight(typed) == fact
    assert read_insight(fact.text) == fact


@pytest.mark.parametrize(
    ("typed", "quoted"),
    [
        ("I love my team", "I love my team."),
        ("my team is my family", "My team is my family."),
        ("we ship daily", "We ship daily."),
        ("She said that we've no on-call", "We've no on-call."),
        ("let's ship daily", "Let's ship daily."),
        ("how we shard tables", "How we shard tables."),
        ("our roadmap", "Our roadmap."),
    ],
)
def test_an_insight_in_the_first_person_is_left_to_who_said_it(typed: str, quoted: str) -> None:
    assert read_insight(typed) == Fact(quoted, "sentence")
    assert read_insight(quoted) == Fact(quoted, "sentence")


@pytest.mark.parametrize(
    ("typed", "fact"),
    [
        ("Little experience with Rust.", Fact("little experience with Rust", "thing")),
        ("not having managed people", Fact("not having managed people", "doing")),
        ("I have never led a team", Fact("I have never led a team", "that")),
        ("Not enough Rust", Fact("not enough Rust", "unsure")),
        ("no Java", Fact("no Java", "unsure")),
        ("too junior", Fact("too junior", "unsure")),
        ("your doubts about my Java", Fact("my Java", "thing")),
        ("gap in CV 2022-23", Fact("the gap in CV 2022-23", "thing")),
        ("LACK OF MANAGEMENT EXPERIENCE", Fact("the lack of management experience", "thing")),
        ("You were worried that I lack Rust", Fact("I lack Rust", "that")),
        ("whether I can lead a team", Fact("whether I can lead a team", "clause")),
        ("Can you lead a team?", Fact("whether I can lead a team", "clause")),
        ("I live in Madrid. The role is in Berlin.", Fact("I live in Madrid; the role is in Berlin", "unsure")),
    ],
)
def test_a_concern_is_never_a_sentence_of_its_own(typed: str, fact: Fact) -> None:
    assert read_concern(typed) == fact


@pytest.mark.parametrize(
    ("typed", "fact"),
    [
        ("An offer from Contoso", Fact("an offer from Contoso", "thing")),
        ("competing offer", Fact("a competing offer", "thing")),
        ("I received an offer from Contoso", Fact("I received an offer from Contoso.", "sentence")),
        ("Received an offer from Contoso", Fact("I received an offer from Contoso.", "sentence")),
        ("Contoso made me an offer", Fact("Contoso made me an offer.", "sentence")),
        ("My article on streams appeared in Queue.", Fact("My article on streams appeared in Queue.", "sentence")),
        ("article in Queue accepted", Fact("article in Queue accepted", "unsure")),
        ("Offer from Contoso", Fact("an offer from Contoso", "thing")),
        ("Article in Nature", Fact("an article in Nature", "thing")),
        ("exploding offer, expires Friday", Fact("an exploding offer, expires Friday", "thing")),
        ("Promoted to lead", Fact("promoted to lead", "unsure")),
        ("patent pending", Fact("patent pending", "unsure")),
        ("Patent granted", Fact("patent granted", "unsure")),
        ("moving to Boston in May", Fact("moving to Boston in May", "doing")),
    ],
)
def test_news_is_a_thing_a_sentence_or_a_headline(typed: str, fact: Fact) -> None:
    assert read_news(typed) == fact


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("I ported our parser to it this year", "I ported our parser to it this year."),
        ("i did. it took a week!", "I did. it took a week!"),
        ("iPhone apps first", "iPhone apps first."),
        ("I use C++", "I use C++."),
        ("I was at Contoso Inc.", "I was at Contoso Inc."),
        ("Why not?", "Why not?"),
        ("n/a", ""),
        ("", ""),
    ],
)
def test_an_answer_keeps_its_own_sentences(typed: str, written: str) -> None:
    assert read_answer(typed) == written


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        (" Dana Cole, CTO at Contoso. ", "Dana Cole, CTO at Contoso"),
        ("Dana Cole, Contoso Inc.", "Dana Cole, Contoso Inc."),
        ("- a letter from Dana Cole", "a letter from Dana Cole"),
        ("letter from Acme", "a letter from Acme"),
        ("Letter from Acme", "a letter from Acme"),
        ("former manager at Acme", "a former manager at Acme"),
        ("Dana Cole CTO at Contoso", "Dana Cole CTO at Contoso"),
        ("two letters", "two letters"),
        ("n/a", None),
        ("available on request", None),
        ("references", None),
        ("LinkedIn recommendations", None),
        ("References available upon request.", None),
    ],
)
def test_a_reference_stays_as_typed_but_for_its_article(typed: str, written: str | None) -> None:
    assert read_reference(typed) == written
