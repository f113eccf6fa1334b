"""What people type as a fact becomes a part of a sentence that reads as English, whatever they typed."""

import pytest

from app.language.shapes import (
    Fact,
    Question,
    capitalise,
    end_stop,
    read_answer,
    read_concern,
    read_contribution,
    read_fit,
    read_insight,
    read_news,
    read_question,
    read_reference,
    read_topic,
    read_understanding,
)


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("the on-call rota", "the on-call rota"),
        ("The on-call rota.", "the on-call rota"),
        ("  the   on-call rota ", "the on-call rota"),
        ("Kafka", "Kafka"),
        ("  kafka ", "Kafka"),
        ("Kafka!!!", "Kafka"),
        ("C++", "C++"),
        ("C", "C"),
        ("C# and .NET", "C# and .NET"),
        (".NET", ".NET"),
        ("Node.js", "Node.js"),
        ("A/B testing", "A/B testing"),
        ("CI/CD", "CI/CD"),
        ("aws", "AWS"),
        ("data contracts between teams", "data contracts between teams"),
        ("Data contracts between teams.", "data contracts between teams"),
        ("Data Contracts Between Teams", "data contracts between teams"),
        ("Machine Learning", "machine learning"),
        ("Platform Engineering", "platform engineering"),
        ("Data Mesh", "Data Mesh"),
        ("Team Topologies", "Team Topologies"),
        ("Domain-Driven Design", "Domain-Driven Design"),
        ("Checkout flow", "checkout flow"),
        ("Amazon Web Services", "Amazon Web Services"),
        ("Power BI dashboards", "Power BI dashboards"),
        ("New York office", "New York office"),
        ("London office", "London office"),
        ("The London office", "the London office"),
        ("Your Berlin team", "your Berlin team"),
        ("German market", "German market"),
        ("Monday stand-ups", "Monday stand-ups"),
        ("March outage", "March outage"),
        ("Northwind's roadmap", "Northwind's roadmap"),
        ("Today's outage", "today's outage"),
        ("Conway's law", "Conway's law"),
        ("O'Reilly books", "O'Reilly books"),
        ("Let's Encrypt", "Let's Encrypt"),
        ("Ledger design", "ledger design"),
        ("Observability tooling", "observability tooling"),
        ("Cross-team reviews", "cross-team reviews"),
        ("Work-life balance", "work-life balance"),
        ("Kubernetes clusters", "Kubernetes clusters"),
        ("Go services", "Go services"),
        ("Boeing", "Boeing"),
        ("Tailscale", "Tailscale"),
        ("iPhone app", "iPhone app"),
        ("GraphQL federation", "GraphQL federation"),
        ("IT support", "IT support"),
        ("US expansion", "US expansion"),
        ("Strong SQL", "strong SQL"),
        ("Q3 launch", "Q3 launch"),
        ("2024 roadmap", "2024 roadmap"),
        ("I/O latency", "I/O latency"),
        ("A faster pipeline", "a faster pipeline"),
        ("Onboarding", "onboarding"),
        ("Hiring plan for next year", "hiring plan for next year"),
        ("pricing strategy", "pricing strategy"),
        ("tests, docs, etc.", "tests, docs, etc."),
        ("scaling, hiring, on-call", "scaling, hiring and on-call"),
        ("Portland, Oregon, USA", "Portland, Oregon, USA"),
        ("v2.1", "v2.1"),
        ("the U.S. launch", "the U.S. launch"),
        ("the launch in the U.S.", "the launch in the U.S."),
        ("the way you deploy", "the way you deploy"),
        ("the tool that runs on Kafka", "the tool that runs on Kafka"),
        ("that outage in March", "that outage in March"),
        ('the "you build it, you run it" idea', 'the "you build it, you run it" idea'),
        ("List<String>", "List<String>"),
        ("Émile's team", "Émile's team"),
        ("李小龙的书", "李小龙的书"),
        ('"Kafka"', "Kafka"),
        ("“the on-call rota”", "the on-call rota"),
        ("`kafka`", "Kafka"),
        ("**Kafka**", "Kafka"),
        ("(Kafka)", "Kafka"),
        ("- the on-call rota", "the on-call rota"),
        ("1. Kafka", "Kafka"),
        ("• Kafka", "Kafka"),
        ("... and Kafka", "and Kafka"),
    ],
)
def test_a_topic_that_is_a_thing_loses_what_stands_around_it_and_keeps_its_name(typed: str, text: str) -> None:
    assert read_topic(typed) == Fact(text, "thing")


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("moving the nightly batch to streaming", "moving the nightly batch to streaming"),
        ("Moving The Nightly Batch To Streaming", "moving the nightly batch to streaming"),
        ("Scaling the pipeline.", "scaling the pipeline"),
        ("hiring engineers in Poland", "hiring engineers in Poland"),
        ("Running Kafka at scale", "running Kafka at scale"),
        ("not blaming people after incidents", "not blaming people after incidents"),
        ("gradually moving to streaming", "gradually moving to streaming"),
        ("Moving teams every six months", "moving teams every six months"),
        ("Growing up in Ghent", "growing up in Ghent"),
        ("Working with Contoso Inc.", "working with Contoso Inc."),
        ("moving to v2.", "moving to v2"),
    ],
)
def test_a_topic_may_tell_of_doing_something(typed: str, text: str) -> None:
    assert read_topic(typed) == Fact(text, "doing")


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("how you review incidents", "how you review incidents"),
        ("How you review incidents.", "how you review incidents"),
        ("How do you review incidents?", "how you review incidents"),
        ("how do you review incidents", "how you review incidents"),
        ("How does the platform team review incidents?", "how the platform team reviews incidents"),
        ("Why did you choose Rust over Go?", "why you chose Rust over Go"),
        ("why you chose Rust over Go", "why you chose Rust over Go"),
        ("What's the roadmap?", "what the roadmap is"),
        ("What is the roadmap for next year?", "what the roadmap is for next year"),
        ("What happens when Kafka is down?", "what happens when Kafka is down"),
        ("who owns the pager", "who owns the pager"),
        ("Which team will I join?", "which team I will join"),
        ("Is the team remote?", "whether the team is remote"),
        ("Does Northwind use Kafka?", "whether Northwind uses Kafka"),
        ("Can you tell me how you measure success?", "how you measure success"),
        ("whether to split the monolith", "whether to split the monolith"),
        ("HOW YOU SCALE", "HOW YOU SCALE"),
    ],
)
def test_a_topic_may_be_a_clause_and_a_question_becomes_one(typed: str, text: str) -> None:
    assert read_topic(typed) == Fact(text, "clause")


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("that every team owns its pager", "every team owns its pager"),
        ("That every team owns its pager.", "every team owns its pager"),
        ("You mentioned that every team owns its pager", "every team owns its pager"),
        ("she said tests are slow", "tests are slow"),
        ("The fact that you ship daily", "you ship daily"),
    ],
)
def test_a_topic_may_be_a_point_that_was_made(typed: str, text: str) -> None:
    assert read_topic(typed) == Fact(text, "that")


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("Your team ships daily", "your team ships daily"),
        ("Your team ships daily.", "your team ships daily"),
        ("Shape Up", "Shape Up"),
        ("That is hard.", "that is hard"),
        ("Kafka is hard", "Kafka is hard"),
        ("I'm keen on Kafka", "I'm keen on Kafka"),
        ("i think tests matter", "I think tests matter"),
        ("Move fast and break things", "move fast and break things"),
        ("We talked about scaling. Then we discussed hiring.", "scaling; then we discussed hiring"),
        ("Scaling. Hiring. On-call", "scaling; hiring; on-call"),
        ("If you plan to open an office", "if you plan to open an office"),
    ],
)
def test_a_topic_that_is_a_sentence_is_left_to_frames_that_take_all(typed: str, text: str) -> None:
    assert read_topic(typed) == Fact(text, "unsure")


@pytest.mark.parametrize(
    "typed",
    [
        "We talked about the rota.",
        "We also talked a lot about the rota",
        "Priya and I discussed the rota",
        "Talked with Dana about the rota",
        "discussing the rota",
        "Discussed: the rota",
        "our discussion of the rota",
        "We had a great conversation about the rota",
        "I really enjoyed hearing about the rota",
        "Topic: the rota",
        "Re: the rota",
        "Regarding the rota",
        "What about the rota?",
        "You told me about the rota",
        "Priya mentioned the rota",
        "- We talked about “the rota”.",
    ],
)
def test_what_leads_to_a_topic_is_dropped(typed: str) -> None:
    assert read_topic(typed) == Fact("the rota", "thing")


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("about 40 teams", "about 40 teams"),
        ("your talk on Kafka", "your talk on Kafka"),
        ("Our shared code", "our shared code"),
    ],
)
def test_what_only_looks_like_a_lead_in_stays(typed: str, text: str) -> None:
    assert read_topic(typed) == Fact(text, "thing")


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "???",
        "-",
        "...",
        "n/a",
        "None",
        "TBD.",
        "it",
        "We discussed it.",
        "[topic]",
        "{{topic}}",
        "🙂",
        "We talked about",
    ],
)
def test_what_says_nothing_is_nothing(typed: str) -> None:
    assert [read(typed) for read in (read_topic, read_fit, read_insight, read_concern)] == [None] * 4
    assert read_question(typed) is None


@pytest.mark.parametrize(
    ("typed", "fact"),
    [
        ("Eight years of building data pipelines.", Fact("eight years of building data pipelines", "thing")),
        ("My work on payment ledgers", Fact("my work on payment ledgers", "thing")),
        ("Experience with Kafka", Fact("experience with Kafka", "thing")),
        ("Automated testing experience", Fact("automated testing experience", "thing")),
        ("PhD in statistics", Fact("PhD in statistics", "thing")),
        ("Building ledgers for ten years.", Fact("building ledgers for ten years", "doing")),
        ("how I scaled Kafka", Fact("how I scaled Kafka", "clause")),
        ("I run Kafka for 40 teams.", Fact("I run Kafka for 40 teams.", "sentence")),
        ("i run kafka for 40 teams", Fact("I run Kafka for 40 teams.", "sentence")),
        ("my team runs Kafka for 40 teams", Fact("My team runs Kafka for 40 teams.", "sentence")),
        ("My last team moved from Jenkins to Go", Fact("My last team moved from Jenkins to Go.", "sentence")),
        ("The last three years were all payments", Fact("The last three years were all payments.", "sentence")),
        ("Was one of your customers", Fact("I was one of your customers.", "sentence")),
        ("Enjoy mentoring juniors", Fact("I enjoy mentoring juniors.", "sentence")),
        ("Python (10 yrs), Go (4 yrs)", Fact("Python (10 yrs), Go (4 yrs)", "thing")),
        ("Registered nurse with ten years in ICU", Fact("registered nurse with ten years in ICU", "thing")),
        ("Because I have done this before", Fact("because I have done this before", "unsure")),
        ("that I have run Kafka for years", Fact("I have run Kafka for years.", "sentence")),
        ("Led a team of five", Fact("I led a team of five.", "sentence")),
        ("Reduced latency from 2s to 200ms", Fact("I reduced latency from 2s to 200ms.", "sentence")),
        ("Worked on ledgers at Contoso Inc.", Fact("I worked on ledgers at Contoso Inc.", "sentence")),
        ("Run Kafka for 40 teams", Fact("I run Kafka for 40 teams.", "sentence")),
        ("Have run Kafka for ten years", Fact("I have run Kafka for ten years.", "sentence")),
        ("Currently leading a team of six", Fact("I am currently leading a team of six.", "sentence")),
        ("Experienced in Kafka", Fact("I am experienced in Kafka.", "sentence")),
        ("Led a team. Shipped weekly.", Fact("I led a team. I shipped weekly.", "sentence")),
        ("Ten years of Go. I ran Kafka.", Fact("ten years of Go; I ran Kafka", "unsure")),
    ],
)
def test_why_somebody_fits_stands_as_a_fact_or_as_sentences(typed: str, fact: Fact) -> None:
    assert read_fit(typed) == fact


@pytest.mark.parametrize(
    ("typed", "fact"),
    [
        ("Set up a first stream within a month.", Fact("set up a first stream within a month", "infinitive")),
        ("to set up a first stream", Fact("set up a first stream", "infinitive")),
        ("help you ship Go services", Fact("help you ship Go services", "infinitive")),
        ("Mentor juniors", Fact("mentor juniors", "infinitive")),
        ("Start with the on-call rota", Fact("start with the on-call rota", "infinitive")),
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
        ("the seams between services", Fact("the seams between services", "thing")),
        ("how you shard tables", Fact("how you shard tables", "clause")),
        ("writing the runbook first", Fact("writing the runbook first", "doing")),
        ("Ship small, ship often", Fact("ship small, ship often", "unsure")),
        ("Queues hide problems. Alerts do not.", Fact("Queues hide problems. Alerts do not.", "sentence")),
    ],
)
def test_an_insight_follows_that(typed: str, fact: Fact) -> None:
    assert read_insight(typed) == fact


@pytest.mark.parametrize(
    ("typed", "fact"),
    [
        ("Little experience with Rust.", Fact("little experience with Rust", "thing")),
        ("not having managed people", Fact("not having managed people", "doing")),
        ("I have never led a team", Fact("I have never led a team", "that")),
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
        ("competing offer", Fact("competing offer", "thing")),
        ("I received an offer from Contoso", Fact("I received an offer from Contoso.", "sentence")),
        ("Received an offer from Contoso", Fact("I received an offer from Contoso.", "sentence")),
        ("Contoso made me an offer", Fact("Contoso made me an offer.", "sentence")),
        ("My article on streams appeared in Queue.", Fact("My article on streams appeared in Queue.", "sentence")),
        ("article in Queue accepted", Fact("article in Queue accepted", "unsure")),
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
    ("typed", "direct", "indirect"),
    [
        ("How do you measure success?", "How do you measure success?", "how you measure success"),
        ("how do you measure success", "How do you measure success?", "how you measure success"),
        ("how you measure success", "How do you measure success?", "how you measure success"),
        ("how you chose Rust", "How did you choose Rust?", "how you chose Rust"),
        ("whether you use Kafka", "Do you use Kafka?", "whether you use Kafka"),
        ("who owns the pager", "Who owns the pager?", "who owns the pager"),
        ("what the team looks like", None, "what the team looks like"),
        ("how incidents are reviewed", None, "how incidents are reviewed"),
        ("How are incidents reviewed?", "How are incidents reviewed?", "how incidents are reviewed"),
        ("How big is the team?", "How big is the team?", "how big the team is"),
        ("how big the team is", None, "how big the team is"),
        ("How many people are on call?", "How many people are on call?", "how many people are on call"),
        ("How did the migration go?", "How did the migration go?", "how the migration went"),
        (
            "What would a good first month look like?",
            "What would a good first month look like?",
            "what a good first month would look like",
        ),
        ("What are your plans for 2027?", "What are your plans for 2027?", "what your plans are for 2027"),
        ("Are there plans to move?", "Are there plans to move?", "whether there are plans to move"),
        ("I was wondering how you measure success", "How do you measure success?", "how you measure success"),
        ("Do you have on-call? How often?", "Do you have on-call? How often?", None),
        ("Why don't you use Kafka?", "Why don't you use Kafka?", "why you don't use Kafka"),
    ],
)
def test_a_question_is_turned_where_that_is_safe(typed: str, direct: str | None, indirect: str | None) -> None:
    assert read_question(typed) == Question(direct, indirect, None)


@pytest.mark.parametrize(
    ("typed", "about"),
    [
        ("the on-call rota", "the on-call rota"),
        ("What about the on-call rota?", "the on-call rota"),
        ("I'd like to know more about the rota", "the rota"),
        ("Your plans for 2027.", "your plans for 2027"),
    ],
)
def test_a_question_may_only_name_what_it_is_about(typed: str, about: str) -> None:
    assert read_question(typed) == Question(None, None, about)


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        (" Dana Cole, CTO at Contoso. ", "Dana Cole, CTO at Contoso"),
        ("Dana Cole, Contoso Inc.", "Dana Cole, Contoso Inc."),
        ("- a letter from Dana Cole", "a letter from Dana Cole"),
        ("n/a", None),
    ],
)
def test_a_reference_stays_as_typed(typed: str, written: str | None) -> None:
    assert read_reference(typed) == written


@pytest.mark.parametrize(
    ("text", "ended"),
    [
        ("I use C++", "I use C++."),
        ("at Contoso Inc.", "at Contoso Inc."),
        ("Why?", "Why?"),
        ('say "yes?"', 'say "yes?"'),
        ('say "yes"', 'say "yes".'),
        ("(That is all.)", "(That is all.)"),
        ("tests (docs, etc.)", "tests (docs, etc.)."),
        ("and then;", "and then."),
        ("wait…", "wait…"),
    ],
)
def test_a_stop_ends_a_sentence_once(text: str, ended: str) -> None:
    assert end_stop(text) == ended


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("my team", "My team"),
        ("iPhone apps", "iPhone apps"),
        ("dbt runs", "dbt runs"),
        ("k8s runs", "k8s runs"),
        ("example.com is ours", "example.com is ours"),
        ('"yes" it is', '"Yes" it is'),
        ("ßa", "ßa"),
        ("10 years", "10 years"),
    ],
)
def test_a_sentence_begins_with_a_capital_unless_its_word_has_its_own_way(text: str, written: str) -> None:
    assert capitalise(text) == written
