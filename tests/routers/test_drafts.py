import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient, Response
from pydantic import TypeAdapter

from app.examples import DRAFT, EVENTS, INTERVIEW
from app.main import create_app
from app.schemas import Review
from app.settings import Settings
from app.store.db import Database
from tests.northwind import NORTHWIND, create, faults, happen, problem, rows

CHECK = "/v1/drafts/check"
UNKNOWN = "int_" + "0" * 32

GOOD = """\
Hi Priya,

Thank you for telling me today about moving the nightly batch to streaming. Tom made the point that most bugs hide at \
the seams, and I kept thinking of it on the way home.

I have spent eight years building data pipelines, and I would start with a first stream next to the batch. After our \
talk I am even keener on the Data Engineer role at Northwind.

Please let me know if there is anything else that would help you decide. I look forward to the next steps.

Best wishes,
Ana López
"""

Json = dict[str, Any]


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[AsyncClient]:
    """Somebody without a key, where there is no database either."""
    app = create_app(Settings(database_url="sqlite:////nowhere/at/all.db", rate_limit_address=0, _env_file=None))
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://test") as client,
    ):
        yield client


async def _post(client: AsyncClient, path: str = CHECK, **members: Any) -> Response:
    return await client.post(path, json={"kind": "thank_you", "text": GOOD} | members)


async def _check(client: AsyncClient, path: str = CHECK, **members: Any) -> Json:
    response = await _post(client, path, **members)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    TypeAdapter(Review).validate_json(response.content)
    told: Json = response.json()
    return told


def _rules(told: Json) -> set[str]:
    return {finding["rule"] for finding in told["findings"]}


# Without a key


async def test_a_kind_and_a_text_are_enough(client: AsyncClient) -> None:
    told = await _check(client)
    assert told["verdict"] == "ready"
    assert told["findings"] == []
    assert told["sentences"] == 6
    assert told["paragraphs"] == 3


async def test_a_finding_says_where_what_and_what_instead(client: AsyncClient) -> None:
    text = GOOD.replace("nightly batch", "[project]")
    told = await _check(client, text=text)
    (found,) = [finding for finding in told["findings"] if finding["rule"] == "lint.placeholder"]
    assert found["severity"] == "error"
    assert told["verdict"] == "stop"
    assert found["message"].startswith("This still looks like a blank to fill in")
    assert found["sources"] == ["002_53a019dabd2147f6.txt"]
    span = found["span"]
    assert text[span["start"] : span["end"]] == span["text"] == "[project]"


async def test_the_example_of_the_documents_shows_what_can_be_wrong(client: AsyncClient) -> None:
    told = await _check(client, **DRAFT, interview=INTERVIEW)
    assert told["verdict"] == "stop"
    assert _rules(told) >= {"lint.placeholder", "lint.apology", "lint.salary"}
    for finding in told["findings"]:
        if span := finding["span"]:
            assert DRAFT["text"][span["start"] : span["end"]] == span["text"]


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("before", ["", "e\u0301\u212b ", "\U0001f600\t", "\u05e9\u05dc\u05d5\u05dd "])
async def test_a_span_counts_the_code_points_of_what_was_sent(client: AsyncClient, before: str, ending: str) -> None:
    text = before + GOOD.replace("\n", ending).replace("nightly batch", "[project]")
    (found,) = [f for f in (await _check(client, text=text))["findings"] if f["rule"] == "lint.placeholder"]
    assert text[found["span"]["start"] : found["span"]["end"]] == "[project]"


async def test_findings_come_in_the_order_of_the_text(client: AsyncClient) -> None:
    text = GOOD.replace("today", "[day]").replace("Best wishes", "{{closing}}").replace("talk I", "talk talk I")
    told = await _check(client, text=text)
    starts = [finding["span"]["start"] if finding["span"] else -1 for finding in told["findings"]]
    assert len(starts) >= 3
    assert starts == sorted(starts)


async def test_spelling_is_looked_at_and_names_are_left_alone(client: AsyncClient) -> None:
    text = GOOD.replace("thinking", "thinkking")
    told = await _check(client, text=text, interview=INTERVIEW, recipient="Priya Shah")
    assert told["proofreading"] == "done"
    spelled = [finding["span"]["text"] for finding in told["findings"] if finding["rule"] == "lint.spelling"]
    assert spelled == ["thinkking"]


async def test_a_text_that_is_too_long_to_be_proofread_says_so(client: AsyncClient) -> None:
    told = await _check(client, text=GOOD + "Thank you. " * 800)
    assert told["proofreading"] == "too_long"
    assert "lint.spelling" not in _rules(told)


async def test_where_nothing_can_proofread_the_answer_says_so() -> None:
    app = create_app(Settings(database_url="sqlite:////nowhere/at/all.db", rate_limit_address=0, _env_file=None))
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://test") as client,
    ):
        app.state.proofreader = None  # as where the extra is not installed
        told = await _check(client, text=GOOD.replace("thinking", "thinkking"))
    assert told["proofreading"] == "unavailable"
    assert "lint.spelling" not in _rules(told)


async def test_the_recipient_is_known_by_name_without_an_interview(client: AsyncClient) -> None:
    assert "lint.wrong_name" in _rules(await _check(client, recipient="Tom Berg"))
    assert "lint.wrong_name" not in _rules(await _check(client, recipient="Priya Shah"))


async def test_an_address_alone_says_nothing_of_a_name(client: AsyncClient) -> None:
    assert "lint.wrong_name" not in _rules(await _check(client, recipient="x@northwind.example"))


async def test_the_recipient_is_one_of_the_interview(client: AsyncClient) -> None:
    assert "lint.wrong_name" in _rules(
        await _check(client, interview=INTERVIEW, recipient="tom.berg@northwind.example")
    )
    told = await _check(client, interview=INTERVIEW, recipient="priya shah")
    assert "lint.wrong_name" not in _rules(told)
    response = await _post(client, interview=INTERVIEW, recipient="Bob")
    assert faults(response, "pointer") == ["/recipient"]
    assert "Priya Shah, Tom Berg, Lee Wong" in response.json()["detail"]


async def test_nobody_has_to_be_named_even_of_a_panel(client: AsyncClient) -> None:
    assert (await _check(client, interview=INTERVIEW))["sentences"] == 6
    text = GOOD.replace("Hi Priya", "Hi Lee")
    assert "lint.wrong_name" not in _rules(await _check(client, kind="check_in", text=text, interview=INTERVIEW))
    assert "lint.wrong_name" in _rules(await _check(client, kind="check_in", interview=INTERVIEW))


async def test_a_message_before_its_window_is_too_soon(client: AsyncClient) -> None:
    about: Json = {"kind": "check_in", "interview": INTERVIEW, "text": GOOD.replace("Hi Priya", "Hi Lee")}
    early = await _check(client, **about, as_of="2026-11-21T09:00:00-05:00")
    assert "lint.too_soon" in _rules(early)
    assert early["verdict"] == "stop"
    assert "lint.too_soon" not in _rules(await _check(client, **about, as_of="2026-12-02T10:00:00-05:00"))


async def test_a_message_beyond_the_limit_is_too_many(client: AsyncClient) -> None:
    sent = [{"type": "follow_up_sent", "occurred_at": f"2026-12-{day:02}T10:00:00-05:00"} for day in (1, 2)]
    events = [
        {**EVENTS[0]},
        {**sent[1], "key": "check_in"},
    ]
    about: Json = {"kind": "check_in", "interview": INTERVIEW, "text": GOOD.replace("Hi Priya", "Hi Lee")}
    late = "2026-12-20T10:00:00-05:00"
    assert "lint.too_many" in _rules(await _check(client, **about, events=events, as_of=late))
    assert "lint.too_many" not in _rules(await _check(client, **about, as_of=late))


async def test_a_draft_like_that_for_another_is_copied(client: AsyncClient) -> None:
    other = GOOD.replace("Hi Priya", "Hi Tom")
    assert "lint.copied" in _rules(await _check(client, other_drafts=["Something else.\n", other]))
    assert "lint.copied" not in _rules(await _check(client, other_drafts=["Something else.\n"]))


async def test_a_short_one_and_a_card_have_their_own_lengths(client: AsyncClient) -> None:
    for members in ({"length": "short"}, {"channel": "card"}):
        told = await _check(client, **members)
        assert (told["verdict"], _rules(told)) == ("improve", {"lint.too_long"})
    few = GOOD.replace(GOOD.split("\n\n")[2] + "\n\n", "")
    assert (await _check(client, text=few, length="short"))["findings"] == []
    assert (await _check(client, text=few, channel="card"))["findings"] == []
    assert _rules(await _check(client, text=few)) == {"lint.too_short"}


async def _write(client: AsyncClient, interview: Json, **options: Any) -> Json:
    """The thank-you for Priya as we write it, and as it is sent to be checked."""
    about = {"interview": interview, "recipient": "Priya Shah"}
    email = (await client.post("/v1/emails/thank_you", json=about | {"options": options})).json()
    return about | {name: email[name] for name in ("subject", "text", "as_of")}


async def test_a_card_that_we_wrote_is_ready_whether_it_is_called_a_card_or_not(client: AsyncClient) -> None:
    reachable = INTERVIEW["interviewers"][0] | {"postal_address": "1 Pier Road, Boston, MA"}
    card = await _write(client, INTERVIEW | {"policy": "capstone", "interviewers": [reachable]})
    for members in ({}, {"channel": "card"}):
        told = await _check(client, **card | members)
        assert (told["verdict"], told["findings"]) == ("ready", [])
    assert "lint.too_short" in _rules(await _check(client, **card, channel="email"))


async def test_a_short_email_that_we_wrote_is_ready_where_it_is_called_short(client: AsyncClient) -> None:
    short = await _write(client, INTERVIEW, length="short")
    told = await _check(client, **short, length="short")
    assert (told["verdict"], told["findings"]) == ("ready", [])
    assert _rules(await _check(client, **short)) == {"lint.too_short"}


async def test_a_call_before_its_window_is_too_soon_like_an_email(client: AsyncClient) -> None:
    about: Json = {"kind": "check_in", "channel": "phone", "interview": INTERVIEW, "text": "Hello, is there any news?"}
    early = await _check(client, **about, as_of="2026-11-21T09:00:00-05:00")
    assert "lint.too_soon" in _rules(early)
    assert early["verdict"] == "stop"
    assert "lint.too_soon" not in _rules(await _check(client, **about, as_of="2026-12-02T10:00:00-05:00"))


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"kind": None}, "/kind"),
        ({"kind": "letter"}, "/kind"),
        ({"text": None}, "/text"),
        ({"text": ""}, "/text"),
        ({"text": 7}, "/text"),
        ({"text": ["Hi"]}, "/text"),
        ({"text": {"a\nb": "Hi"}}, "/text"),
        ({"text": "a" * 20_001}, "/text"),
        ({"text": "a\x00b"}, "/text"),
        ({"text": "a\rb"}, "/text"),
        ({"text": "a\x0bb"}, "/text"),
        ({"text": "a\u202eb"}, "/text"),
        ({"text": "a\x85b"}, "/text"),
        ({"other_drafts": "Hi"}, "/other_drafts"),
        ({"other_drafts": ["Hi\n", ""]}, "/other_drafts/1"),
        ({"other_drafts": ["Hi\n", "\x00"]}, "/other_drafts/1"),
        ({"other_drafts": ["Hi", "a" * 20_001]}, "/other_drafts/1"),
        ({"other_drafts": ["Hi"] * 21}, "/other_drafts"),
        ({"other_drafts": [["Hi"]]}, "/other_drafts/0"),
        ({"subject": "a\nb"}, "/subject"),
        ({"subject": "a\tb"}, "/subject"),
        ({"subject": "a" * 501}, "/subject"),
        ({"recipient": "a\nb"}, "/recipient"),
        ({"recipient": ""}, "/recipient"),
        ({"length": "long"}, "/length"),
        ({"channel": "pigeon"}, "/channel"),
        ({"as_of": "now"}, "/as_of"),
        ({"interview": {}}, "/interview/candidate"),
        ({"interview": INTERVIEW | {"company": "a\nb"}}, "/interview/company"),
        ({"interview": INTERVIEW | {"policy": "bold"}}, "/interview/policy"),
        ({"interview": INTERVIEW, "events": [{**EVENTS[0], "key": "thank_you/bob"}]}, "/events/0/key"),
        ({"events": EVENTS}, "/events"),
        ({"mood": "good"}, "/mood"),
    ],
    ids=lambda value: ascii(value)[:40],
)
async def test_what_is_not_right_in_a_request_is_named(client: AsyncClient, members: Json, pointer: str) -> None:
    response = await _post(client, **members)
    assert pointer in faults(response, "pointer"), response.text
    assert len(response.content) < 5000


async def test_a_carriage_return_alone_is_told_which_line_breaks_there_are(client: AsyncClient) -> None:
    assert r"line breaks (\n or \r\n) may be" in (await _post(client, text="Hi Priya,\rThank you.")).json()["detail"]


async def test_a_draft_may_begin_with_a_byte_order_mark(client: AsyncClient) -> None:
    text = f"\ufeff{GOOD}"
    told = await _check(client, text=text.replace("telling", "tellling"), interview=INTERVIEW, recipient="Priya Shah")
    [misspelt] = [finding["span"] for finding in told["findings"] if finding["rule"] == "lint.spelling"]
    assert (misspelt["start"], misspelt["text"]) == (text.index("telling"), "tellling"), "the mark counts as sent"


async def test_a_raw_line_break_is_no_json(client: AsyncClient) -> None:
    body = b'{"kind": "thank_you", "text": "a\nb"}'
    problem(await client.post(CHECK, content=body, headers={"Content-Type": "application/json"}), 400)


HOSTILE = (
    "a" * 20_000,
    " " * 20_000,
    "\n" * 20_000,
    "\t\n" * 10_000,
    "a " * 10_000,
    "[" * 20_000,
    "[a" * 10_000,
    "{{" * 10_000,
    "<" * 20_000,
    "." * 20_000,
    "?" * 20_000,
    "a. " * 6_666,
    "Dear " * 4_000,
    "thank you " * 2_000,
    "I I " * 5_000,
    "@" * 20_000,
    "http://" * 2_857,
    "\u0301" * 20_000,
    "\U0001f469\u200d" * 10_000,
    "\u05d0" * 20_000,
    "'" * 20_000,
    "Hi " + "A" * 19_000,
    "{{7*7}} ${7*7} %s <script>alert(1)</script>\r\nBcc: evil@example.com\r\n",
)


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:20])
async def test_whatever_the_text_it_is_answered(client: AsyncClient, text: str) -> None:
    others, subject = [text[:1000]] * 20, " ".join(text[:500].split())
    for kind in ("thank_you", "check_in", "feedback_request"):
        told = await _check(client, kind=kind, text=text, subject=subject, other_drafts=others)
        severities = {finding["severity"] for finding in told["findings"]}
        assert told["verdict"] == ("stop" if "error" in severities else "improve"), "no such text is ready"
        for finding in told["findings"]:
            if span := finding["span"]:
                assert text[span["start"] : span["end"]] == span["text"]


async def test_a_body_full_of_drafts_is_answered(client: AsyncClient) -> None:
    body = {"kind": "thank_you", "text": "word " * 4_000, "other_drafts": ["word " * 4_000] * 11}
    response = await client.post(CHECK, json=body)
    assert response.status_code == 200
    body["other_drafts"] = ["word " * 4_000] * 14
    assert len(json.dumps(body)) > 256 * 1024
    problem(await client.post(CHECK, json=body), 413)


async def test_an_interview_of_odd_people_can_be_checked_against(client: AsyncClient) -> None:
    for odd in ("(((((", "[x]", "\\", "李", "a" * 200, "Ö", "'", ".", "\U0001f469", "*+?{2}"):
        interview = INTERVIEW | {"company": odd, "job_title": odd, "interviewers": [{"name": odd, "topics": [odd]}]}
        for recipient in (odd, None):
            await _check(client, interview=interview, recipient=recipient, text=f"Hi {odd},\n\nThanks, {odd}.\n")


# Of a stored interview


async def _check_stored(client: AsyncClient, interview_id: str, **members: Any) -> Json:
    return await _check(client, f"/v1/interviews/{interview_id}/drafts/check", **members)


async def test_a_stored_interview_is_known_without_being_told(authorized: AsyncClient) -> None:
    stored = await create(authorized)
    for members in (
        {"recipient": "Tom Berg"},
        {"recipient": "Priya Shah"},
        {"kind": "check_in"},
        {"kind": "check_in", "as_of": "2065-12-02T10:00:00-05:00", "text": "Hi Lee,\r\n\r\nAny news?\r\n"},
    ):
        told = await _check_stored(authorized, stored["id"], **members)
        given = NORTHWIND | {"external_id": None, "application_ref": None}
        assert told == await _check(authorized, interview=given, **members)
    assert "lint.wrong_name" in _rules(await _check_stored(authorized, stored["id"], recipient="Tom Berg"))


async def test_what_happened_since_counts(authorized: AsyncClient) -> None:
    stored = await create(authorized, policy="two-touch")
    about: Json = {"kind": "check_in", "as_of": "2065-12-20T10:00:00-05:00"}
    assert "lint.too_many" not in _rules(await _check_stored(authorized, stored["id"], **about))
    await happen(authorized, stored["id"], "follow_up_sent", key="thank_you/tom-berg")
    await happen(authorized, stored["id"], "follow_up_sent", key="check_in")
    assert "lint.too_many" in _rules(await _check_stored(authorized, stored["id"], **about))


async def test_a_stored_interview_is_not_given_again(authorized: AsyncClient, database: Database) -> None:
    stored = await create(authorized)
    before = rows(database)
    path = f"/v1/interviews/{stored['id']}/drafts/check"
    assert faults(await _post(authorized, path, interview=INTERVIEW), "pointer") == ["/interview"]
    assert faults(await _post(authorized, path, events=EVENTS), "pointer") == ["/events"]
    assert faults(await _post(authorized, path, recipient="Bob"), "pointer") == ["/recipient"]
    assert faults(await _post(authorized, path, text="a\x00b"), "pointer") == ["/text"]
    assert rows(database) == before


async def test_an_interview_that_is_nobodys_is_not_found(authorized: AsyncClient) -> None:
    for id in (UNKNOWN, "int_1", "%00", "a" * 2000):
        problem(await _post(authorized, f"/v1/interviews/{id}/drafts/check"), 404)
