from collections.abc import AsyncIterator
from copy import deepcopy
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from html import unescape
from typing import Any, get_args
from urllib.parse import parse_qs

import pytest
from httpx import ASGITransport, AsyncClient, Response
from pydantic import TypeAdapter

from app.examples import EMAIL_OPTIONS, EMAIL_REQUEST, EVENTS, INTERVIEW
from app.main import create_app
from app.negotiation import MEDIA_TYPES
from app.rules.drafts import Email
from app.rules.plans import Kind
from app.settings import Settings
from app.store.db import Database
from tests.northwind import create, create_given, ended, faults, follow_ups_of, happen, northwind, patch, problem, rows

STATELESS = "/v1/emails/thank_you"
OFFERED = ("application/json", "text/plain; charset=utf-8", "text/html; charset=utf-8", "message/rfc822")
OFFER = {"type": "offer_received", "occurred_at": "2026-11-24T09:00:00-05:00"}
CHANGE = {"type": "situation_changed", "occurred_at": "2026-11-24T09:00:00-05:00", "change": "competing_offer"}

Json = dict[str, Any]


def _interview(**changes: Any) -> Json:
    return deepcopy(INTERVIEW) | changes


async def _ask(client: AsyncClient, kind: str = "thank_you", accept: str | None = None, **members: Any) -> Response:
    headers = {} if accept is None else {"Accept": accept}
    return await client.post(f"/v1/emails/{kind}", json=EMAIL_REQUEST | members, headers=headers)


async def _email(client: AsyncClient, kind: str = "thank_you", **members: Any) -> Json:
    response = await _ask(client, kind, **members)
    assert response.status_code == 200, response.text
    told: Json = response.json()
    return told


def _options(kind: str) -> Json:
    return {"intent": "discuss"} if kind == "offer_reply" else {}


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[AsyncClient]:
    """Somebody without a key, where there is no database either."""
    app = create_app(Settings(database_url="sqlite:////nowhere/at/all.db", rate_limit_address=0, _env_file=None))
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://test") as client,
    ):
        yield client


# Without a key


async def test_an_email_tells_all_its_parts(client: AsyncClient) -> None:
    response = await _ask(client)
    assert response.headers["content-type"] == "application/json"
    email = TypeAdapter(Email).validate_json(response.content)
    assert [(who.name, who.email) for who in email.to] == [("Priya Shah", "priya.shah@northwind.example")]
    assert (email.kind, email.channel) == ("thank_you", "email")
    assert email.text.startswith("Hi Priya,\n\n")
    assert "streaming" in email.text
    assert email.text.rstrip().endswith("Ana López\n+1 212 555 0143\nhttps://ana.example.com")
    assert email.subject == "Thank you for the Data Engineer interview"
    assert email.mailto
    address, _, fields = email.mailto.partition("?")
    assert address == "mailto:priya.shah@northwind.example"
    assert parse_qs(fields) == {"subject": [email.subject], "body": [email.text.replace("\n", "\r\n")]}
    assert 5 <= email.sentences <= 7
    assert "content.specific" in {element.rule for element in email.elements}
    assert all(element.text in " ".join(email.text.split()) for element in email.elements)
    assert email.findings == ()


@pytest.mark.parametrize(
    ("kind", "rule", "said"),
    [
        ("thank_you", "content.specific", "moving the nightly batch to streaming"),
        ("check_in", "content.interview_date", "Friday, November 20"),
        ("final_check_in", "content.interview_date", "Friday, November 20"),
        ("offer_reply", "content.offer", "Northwind"),
        ("rejection_reply", "content.rejection", "keep me in mind"),
        ("feedback_request", "content.feedback", "?"),
        ("situation_update", "content.update", "another company has made me an offer"),
    ],
)
async def test_every_kind_says_what_it_is_for_whether_it_is_planned_or_not(
    client: AsyncClient, kind: str, rule: str, said: str
) -> None:
    email = await _email(client, kind, events=[CHANGE], options=_options(kind))
    assert email["kind"] == kind
    assert "Data Engineer" in email["subject"] or "November 20" in email["subject"]
    assert email["text"].startswith("Hi Priya,\n\n")
    assert email["text"].endswith("\nAna López\n")
    assert said in " ".join(element["text"] for element in email["elements"] if element["rule"] == rule)
    assert email["findings"] == []


async def test_whoever_is_named_is_written_to(client: AsyncClient) -> None:
    for recipient, name in (
        ("tom berg", "Tom Berg"),
        (" LEE.WONG@northwind.example ", "Lee Wong"),
        ("thank_you/tom-berg", "Tom Berg"),
    ):
        assert (await _email(client, recipient=recipient))["to"][0]["name"] == name
    assert (await _email(client, "check_in", recipient=None))["to"][0]["name"] == "Lee Wong"


async def test_a_thank_you_to_a_panel_needs_a_name(client: AsyncClient) -> None:
    response = await _ask(client, recipient=None)
    assert faults(response, "pointer") == ["/recipient"]
    assert "Priya Shah, Tom Berg, Lee Wong" in response.json()["detail"]


@pytest.mark.parametrize("recipient", ["Bob", "bob@example.com", "Priya", "a" * 320, "{{7*7}}"])
async def test_somebody_unknown_is_told_who_is_known(client: AsyncClient, recipient: str) -> None:
    response = await _ask(client, recipient=recipient)
    assert faults(response, "pointer") == ["/recipient"]
    assert recipient not in response.text.replace("Priya Shah", "")


async def test_a_required_fact_that_is_missing_is_named_with_the_sentence_that_needs_it(client: AsyncClient) -> None:
    given = _interview(interviewers=[{"name": "Priya Shah"}], notes={})
    response = await _ask(client, interview=given)
    (pointer,) = faults(response, "pointer")
    assert pointer.startswith("/interview/")
    assert pointer.endswith("topics")
    assert "is required: " in response.json()["detail"]


async def test_an_option_that_does_not_go_with_the_kind_is_named(client: AsyncClient) -> None:
    assert faults(await _ask(client, options={"intent": "accept"}), "pointer") == ["/options/intent"]
    assert faults(await _ask(client, options={"channel": "phone"}), "pointer") == ["/options/channel"]
    assert faults(await _ask(client, "situation_update"), "pointer") == ["/events"]


@pytest.mark.parametrize(
    ("options", "pointer"),
    [
        ({"tone": "icy"}, "/tone"),
        ({"length": "endless"}, "/length"),
        ({"channel": "pigeon"}, "/channel"),
        ({"intent": "ghost"}, "/intent"),
        ({"until": "soon"}, "/until"),
        ({"until": "0001-01-01"}, "/until"),
        ({"with_feedback": "yes"}, "/with_feedback"),
        ({"with_feedback": 1}, "/with_feedback"),
        ({"as_of": "2026-11-20"}, "/as_of"),
        ({"as_of": "9999-12-31T23:59:59-12:00"}, "/as_of"),
        ({"mood": "good"}, "/mood"),
        ({"signature": {"fax": "1"}}, "/signature/fax"),
        ({"signature": {"phone": "1" * 51}}, "/signature/phone"),
        ({"signature": {"links": ["https://a.example"] * 6}}, "/signature/links"),
        ({"signature": {"links": ["a b"]}}, "/signature/links/0"),
        ({"signature": {"links": ["a.example/b\u00a0c"]}}, "/signature/links/0"),
        ({"signature": {"links": ["a.example", "x"]}}, "/signature/links/1"),
        ({"signature": {"links": ["<b>x</b>"]}}, "/signature/links/0"),
        ({"signature": {"links": ["https://a.example/" + "a" * 200]}}, "/signature/links/0"),
        ({"signature": {"links": ["https://a.example", "javascript:alert(1)"]}}, "/signature/links/1"),
        ({"signature": {"links": ["DATA:text/html,x"]}}, "/signature/links/0"),
    ],
)
async def test_options_have_limits(client: AsyncClient, options: Json, pointer: str) -> None:
    assert faults(await _ask(client, options=options), "pointer") == [f"/options{pointer}"]


@pytest.mark.parametrize("link", ["ana.example.com/cv", "http://a.example:8080/x?y=1#z", "ana.b\u00fccher.example"])
async def test_a_link_may_be_written_as_people_do(client: AsyncClient, link: str) -> None:
    email = await _email(client, options={"signature": {"links": [link]}})
    assert email["text"].rstrip().endswith(f"Ana López\n{link}")


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"interview": None}, "/interview"),
        ({"interview": _interview(policy="bold")}, "/interview/policy"),
        ({"interview": _interview(timezone="Europe")}, "/interview/timezone"),
        ({"events": [{**EVENTS[0], "key": "thank_you/bob"}]}, "/events/0/key"),
        ({"events": [{"type": "resigned"}]}, "/events/0/type"),
        ({"recipient": ""}, "/recipient"),
        ({"recipient": 7}, "/recipient"),
        ({"recipient": "a" * 321}, "/recipient"),
        ({"as_of": "2026-11-20T18:00:00-05:00"}, "/as_of"),
        ({"options": []}, "/options"),
    ],
)
async def test_what_is_not_right_in_a_request_is_named(client: AsyncClient, members: Json, pointer: str) -> None:
    assert faults(await _ask(client, **members), "pointer") == [pointer]


@pytest.mark.parametrize("kind", ["thank-you", "thankyou", "", "THANK_YOU", "thank_you/", "%00", "..", "a" * 2000])
async def test_a_kind_that_there_is_not_is_not_found(client: AsyncClient, kind: str) -> None:
    problem(await client.post(f"/v1/emails/{kind}", json=EMAIL_REQUEST), 404)


async def test_the_day_on_which_it_goes_out_decides_its_time_words(client: AsyncClient) -> None:
    same_day, later = [
        (await _email(client, options={"as_of": f"2026-11-{day}T18:00:00-05:00"}))["text"] for day in (20, 21)
    ]
    assert "today" in same_day
    assert "yesterday" in later


# In the form that is wanted


@pytest.mark.parametrize("media", OFFERED)
async def test_an_email_comes_in_the_form_that_accept_asks_for(client: AsyncClient, media: str) -> None:
    response = await _ask(client, accept=media)
    assert (response.status_code, response.headers["content-type"]) == (200, media)
    assert "Accept" in response.headers["vary"].split(", ")
    assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("form", "media"),
    [
        *zip(("json", "text", "html", "eml"), OFFERED, strict=True),
        *zip((media.partition(";")[0] for media in OFFERED), OFFERED, strict=True),
    ],
)
async def test_a_format_wins_over_accept(client: AsyncClient, form: str, media: str) -> None:
    for accept in ("text/html", "message/rfc822", "image/png", ";;;"):
        headers = {"Accept": accept}
        response = await client.post(STATELESS, params={"format": form}, json=EMAIL_REQUEST, headers=headers)
        assert (response.status_code, response.headers["content-type"]) == (200, media)
        assert "Accept" in response.headers["vary"].split(", ")


async def test_accept_may_come_in_several_lines(client: AsyncClient) -> None:
    headers = [("Accept", "text/html;q=0.5"), ("Accept", "text/plain")]
    response = await client.post(STATELESS, json=EMAIL_REQUEST, headers=headers)
    assert response.headers["content-type"] == OFFERED[1]


async def test_a_form_that_is_not_offered_is_told_those_that_are(client: AsyncClient) -> None:
    response = await _ask(client, accept="application/pdf, image/*")
    assert faults(response, "header", 406) == ["Accept"]
    assert all(media.partition(";")[0] in response.json()["detail"] for media in OFFERED)
    assert "Accept" in response.headers["vary"].split(", ")


@pytest.mark.parametrize("form", ["pdf", "", "JSON", "text/*", "text/html; charset=utf-8"])
async def test_a_format_that_there_is_not_is_named(client: AsyncClient, form: str) -> None:
    response = await client.post(STATELESS, params={"format": form}, json=EMAIL_REQUEST)
    assert faults(response, "parameter") == ["format"]
    assert "Accept" in response.headers["vary"].split(", ")


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v1/emails/nothing", EMAIL_REQUEST, 404),
        (STATELESS, EMAIL_REQUEST | {"recipient": "Bob"}, 422),
        (STATELESS, EMAIL_REQUEST | {"mood": 7}, 422),
        (f"{STATELESS}?mood=7", EMAIL_REQUEST, 422),
        ("/v1/interviews/int_1/emails/thank_you", {}, 401),
    ],
)
async def test_every_problem_says_that_the_answer_depends_on_accept(
    client: AsyncClient, path: str, body: Json, status: int
) -> None:
    response = await client.post(path, json=body)
    problem(response, status)
    assert "Accept" in response.headers["vary"].split(", ")
    malformed = await client.post(STATELESS, content=b"{", headers={"Content-Type": "application/json"})
    assert (malformed.status_code, malformed.headers["vary"]) == (400, "Accept, Origin")


async def test_other_answers_do_not_depend_on_accept(client: AsyncClient) -> None:
    for answer in (await client.get("/v1/rules"), await client.post("/v1/schedule", json={})):
        assert "Accept" not in answer.headers["vary"].split(", ")


async def test_every_form_says_the_same(client: AsyncClient) -> None:
    email = await _email(client)
    text, html, eml = [(await _ask(client, accept=media)).content for media in OFFERED[1:]]
    assert text.decode() == email["text"]
    assert html.decode() == email["html"]
    message: Any = message_from_bytes(eml, policy=default)
    plain, page = [part.get_content().splitlines() for part in message.iter_parts()]
    assert (plain, page) == (email["text"].splitlines(), email["html"].splitlines())
    assert message["Subject"] == email["subject"]


async def test_a_page_can_run_and_fetch_nothing(client: AsyncClient) -> None:
    response = await _ask(client, accept="text/html")
    assert response.headers["content-security-policy"] == "default-src 'none'; style-src 'unsafe-inline'"
    assert response.headers["x-content-type-options"] == "nosniff"


async def test_a_message_is_a_file_to_be_opened(client: AsyncClient) -> None:
    response = await _ask(client, accept="message/rfc822")
    assert response.headers["content-disposition"] == 'attachment; filename="thank-you-priya-shah.eml"'
    message: Any = message_from_bytes(response.content, policy=default)
    assert message["X-Unsent"] == "1"
    assert [(box.display_name, box.addr_spec) for box in message["From"].addresses] == [
        ("Ana López", "ana.lopez@example.com")
    ]
    assert [box.addr_spec for box in message["To"].addresses] == ["priya.shah@northwind.example"]


@pytest.mark.parametrize(
    ("name", "file"), [("李小龙", "interviewer"), ('a"; filename="x.exe', "a-filename-x-exe"), ("Ö" * 200, "o" * 60)]
)
async def test_a_file_has_a_plain_name(client: AsyncClient, name: str, file: str) -> None:
    given = _interview(interviewers=[{"name": name, "topics": ["Kafka"]}])
    response = await _ask(client, interview=given, recipient=name, accept="message/rfc822")
    assert response.headers["content-disposition"] == f'attachment; filename="thank-you-{file}.eml"'


async def test_whoever_has_no_address_gets_a_message_without_one(client: AsyncClient) -> None:
    given = _interview(
        candidate={"name": "Ana"}, interviewers=[{"name": "Tom Berg", "topics": ["Kafka"]}], contact=None
    )
    response = await _ask(client, interview=given, recipient="Tom Berg", accept="message/rfc822")
    message = message_from_bytes(response.content, policy=default)
    assert message["To"] is None
    assert message["From"] is None


@pytest.mark.parametrize(
    ("address", "written"),
    [("priya@b\u00fccher.example", ["priya@xn--bcher-kva.example"]), ("\u00fc@northwind.example", [])],
)
async def test_an_address_in_other_letters_is_told_as_it_is_and_written_as_a_message_can(
    client: AsyncClient, address: str, written: list[str]
) -> None:
    given = _interview(interviewers=[{"name": "Priya Shah", "email": address, "topics": ["Kafka"]}], contact=None)
    assert (await _email(client, interview=given))["to"] == [{"name": "Priya Shah", "email": address}]
    response = await _ask(client, interview=given, accept="message/rfc822")
    message: Any = message_from_bytes(response.content, policy=default)
    assert [box.addr_spec for box in message["To"].addresses] == written if written else message["To"] is None


# Hostile values come out as they are, and inert

EVIL = (
    "{{7*7}}",
    "${7*7} %s {0}",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "&lt;b&gt;",
    "=?utf-8?q?a=0D=0ABcc:_evil@example.com?=",
    "Bcc: evil@example.com",
    "{% raw %}{{ x",
    "\\u0000",
    "?subject=x&bcc=evil@example.com",
)


BLANKS = ("{{7*7}}", "${7*7} %s {0}", "{% raw %}{{ x")


@pytest.mark.parametrize("blank", BLANKS)
@pytest.mark.parametrize("member", ["company", "job_title"])
async def test_a_name_that_is_still_to_be_filled_in_is_refused(client: AsyncClient, blank: str, member: str) -> None:
    given = _interview() | {member: blank}
    response = await _ask(client, "check_in", interview=given, recipient=None)
    assert faults(response, "pointer") == [f"/interview/{member}"]


@pytest.mark.parametrize("evil", EVIL)
@pytest.mark.parametrize("kind", get_args(Kind))
async def test_a_value_is_never_more_than_a_value(client: AsyncClient, evil: str, kind: str) -> None:
    person = {"name": evil, "email": "a@b.example", "title": evil, "topics": [evil, "Kafka"], "insight": evil}
    notes: Json = {
        "topics": [evil],
        "fit": evil,
        "contribution": evil,
        "understanding": evil,
        "revisit": [{"topic": evil, "answer": evil}],
        "concerns": [{"raised": evil, "answer": evil}],
        "questions": [evil],
        "references": [evil],
    }
    named = "Zoë" if evil in BLANKS else evil
    given = _interview(
        candidate={"name": named, "email": "c@d.example"},
        company=named,
        job_title=named,
        interviewers=[person | {"name": named}],
        contact=None,
        notes=notes,
        policy="capstone",
    )
    told = CHANGE | {"detail": "We are moving." if evil in BLANKS else evil}
    members: Json = {"interview": given, "recipient": None, "events": [told]}
    options = _options(kind) | {"signature": {"phone": named[:50]}}
    response = await _ask(client, kind, **members, options=options)
    assert response.status_code == 200, response.text
    assert evil not in BLANKS or evil not in response.json()["text"]
    email = response.json()
    assert "49" not in email["text"].replace(evil, "")
    tags = email["html"].lower().count
    assert tags("<script") == tags("<img") == tags("onerror=alert(1)>") == 0
    assert 'onmouseover="' not in email["html"]
    assert "\n" not in email["subject"]
    shown = unescape(email["html"])
    assert email["text"].splitlines()[0] in shown
    link = email["mailto"] or ""
    assert link.count("?") <= 1
    assert "bcc=" not in link.lower()
    eml = await _ask(client, kind, **members, options=options, accept="message/rfc822")
    assert eml.status_code == 200
    head = eml.content.partition(b"\r\n\r\n")[0].decode().replace("\r\n ", " ").split("\r\n")
    assert [line.partition(":")[0] for line in head] == [
        *("X-Unsent", "From", "To", "Subject", "MIME-Version", "Content-Type")
    ]


LONG = "how you plan the move of each nightly batch to streams without losing a record of anybody, "
"""Said again and again, it is a topic of the greatest length."""


async def test_the_greatest_interview_of_all_can_be_written_about_and_checked_against(client: AsyncClient) -> None:
    topics = [f"{number} {LONG * 6}"[:490].strip(" ,") for number in range(20)]
    panel = [{"name": f"Kim Olsen {number}", "topics": topics} for number in range(20)]
    notes: Json = {"topics": topics, "fit": LONG * 20, "contribution": LONG * 20, "understanding": LONG * 20}
    given = _interview(interviewers=panel, contact=None, notes=notes, policy="capstone")
    about: Json = {"interview": given, "recipient": "Kim Olsen 19", "events": [CHANGE]}
    for kind in get_args(Kind):
        email = await _email(client, kind, **about, options=_options(kind))
        assert email["to"][0]["name"] == "Kim Olsen 19"
    draft = about | {"kind": "thank_you", "text": (LONG * 250)[:20_000]}
    response = await client.post("/v1/drafts/check", json=draft)
    assert response.status_code == 200, response.text
    assert response.json()["verdict"] != "ready"


# Of a stored interview


async def _ask_stored(client: AsyncClient, interview_id: str, kind: str = "thank_you", **members: Any) -> Response:
    return await client.post(f"/v1/interviews/{interview_id}/emails/{kind}", json=members)


async def test_a_stored_interview_makes_the_same_email(authorized: AsyncClient) -> None:
    given = northwind()
    stored = await create_given(authorized, given)
    members: Json = {"recipient": "Priya Shah", "options": {**EMAIL_OPTIONS, "tone": "formal"}}
    response = await _ask_stored(authorized, stored["id"], **members)
    assert response.status_code == 200, response.text
    assert response.json() == await _email(authorized, interview=given, **members)


async def test_a_salutation_that_was_given_greets(authorized: AsyncClient) -> None:
    stored = await create(authorized)
    response = await _ask_stored(authorized, stored["id"], recipient="Priya Shah")
    assert "Dr Shah" in response.json()["text"].splitlines()[0]


@pytest.mark.parametrize("body", [None, b"{}", b'{"options": {}}', b'{"recipient": null}'])
async def test_the_plan_knows_whom_to_write_to_where_nothing_is_said(
    authorized: AsyncClient, body: bytes | None
) -> None:
    stored = await create(authorized)
    headers = {"Content-Type": "application/json"} if body else {}
    response = await authorized.post(f"/v1/interviews/{stored['id']}/emails/check_in", content=body, headers=headers)
    assert response.status_code == 200, response.text
    assert response.json()["to"] == [{"name": "Lee Wong", "email": "lee@northwind.example"}]


async def test_what_happened_since_counts(authorized: AsyncClient) -> None:
    stored = await create(authorized)
    assert faults(await _ask_stored(authorized, stored["id"], "situation_update"), "pointer") == ["/events"]
    await happen(authorized, stored["id"], "situation_changed", change="competing_offer")
    assert (await _ask_stored(authorized, stored["id"], "situation_update")).status_code == 200


async def test_a_fact_that_a_stored_interview_lacks_is_named_as_it_stands_there(authorized: AsyncClient) -> None:
    stored = await create(authorized, notes={})
    response = await _ask_stored(authorized, stored["id"], recipient="Tom Berg")
    (pointer,) = faults(response, "pointer")
    assert pointer.startswith(("/interviewers/1", "/notes"))
    assert f"{pointer} of the interview" in response.json()["detail"]
    assert faults(await _ask_stored(authorized, stored["id"], recipient="Bob"), "pointer") == ["/recipient"]
    assert faults(await _ask_stored(authorized, stored["id"], options={"intent": "accept"}), "pointer") == [
        "/options/intent"
    ]


async def test_a_stored_interview_is_not_given_again(authorized: AsyncClient) -> None:
    stored = await create(authorized)
    response = await _ask_stored(authorized, stored["id"], interview=INTERVIEW)
    assert faults(response, "pointer") == ["/interview"]


async def test_nothing_is_kept(authorized: AsyncClient, database: Database) -> None:
    stored = await create(authorized)
    before = rows(database)
    await _ask_stored(authorized, stored["id"], recipient="Priya Shah")
    await _email(authorized)
    assert rows(database) == before


@pytest.mark.parametrize("kind", ["nothing", "%00", "thank-you"])
async def test_a_kind_that_there_is_not_is_not_found_in_a_stored_interview(authorized: AsyncClient, kind: str) -> None:
    stored = await create(authorized)
    problem(await _ask_stored(authorized, stored["id"], kind), 404)
    problem(await _ask_stored(authorized, "int_" + "0" * 32), 404)


# Of a step of the plan


async def _ask_step(client: AsyncClient, follow_up: Json, **query: Any) -> Response:
    return await client.get(f"/v1/follow-ups/{follow_up['id']}/email", params=query)


async def test_every_step_has_its_email_for_the_one_whom_it_goes_to(authorized: AsyncClient) -> None:
    stored = await create(authorized, policy="steady")
    steps = await follow_ups_of(authorized, stored["id"])
    assert {step["channel"] for step in steps.values()} == {"email", "card"}
    for step in steps.values():
        response = await _ask_step(authorized, step)
        assert response.status_code == 200, response.text
        email = response.json()
        assert (email["kind"], email["channel"]) == (step["kind"], step["channel"])
        assert email["to"][0]["name"] == step["recipient"]["name"]


async def test_the_email_of_a_step_is_the_one_of_its_interview(authorized: AsyncClient) -> None:
    stored = await create(authorized)
    step = (await follow_ups_of(authorized, stored["id"]))["thank_you/priya-shah"]
    asked = await _ask_stored(authorized, stored["id"], recipient="Priya Shah", options={"tone": "formal"})
    assert (await _ask_step(authorized, step, tone="formal")).json() == asked.json()


@pytest.mark.parametrize(("kind", "channel"), [("thank_you", "card"), ("check_in", "phone")])
@pytest.mark.parametrize("signature", [{"phone": "+1 212 555 0143"}, {"links": ["https://ana.example.com"]}])
async def test_a_card_and_a_call_have_no_signature(
    client: AsyncClient, kind: str, channel: str, signature: Json
) -> None:
    signed = await _email(client, kind, options={"channel": channel, "signature": signature})
    assert signed["text"] == (await _email(client, kind, options={"channel": channel}))["text"]


@pytest.mark.parametrize("kind", get_args(Kind))
async def test_every_kind_can_be_short(client: AsyncClient, kind: str) -> None:
    short = await _email(client, kind, events=[CHANGE], options={"length": "short", **_options(kind)})
    full = await _email(client, kind, events=[CHANGE], options=_options(kind))
    assert short["sentences"] <= full["sentences"]


async def test_options_of_a_step_stand_in_the_query(authorized: AsyncClient) -> None:
    stored = await create_given(authorized, ended(timedelta(days=1)))
    await happen(authorized, stored["id"], "offer_received")
    step = (await follow_ups_of(authorized, stored["id"]))["offer_reply"]
    asked = {"intent": "more_time", "until": "2065-12-24", "as_of": "2065-12-01T09:00:00Z"}
    response = await _ask_step(authorized, step, **asked)
    assert response.status_code == 200, response.text
    assert "24" in response.json()["text"]
    assert (await _ask_step(authorized, step, intent="decline")).json()["text"] != response.json()["text"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tone", "icy"),
        ("length", "endless"),
        ("intent", "ghost"),
        ("intent", "accept"),
        ("until", "soon"),
        ("until", "2065-12-24"),
        ("with_feedback", "maybe"),
        ("with_feedback", "true"),
        ("as_of", "2026-11-20"),
        ("format", "pdf"),
        ("signature", "x"),
        ("recipient", "Bob"),
    ],
)
async def test_an_option_of_a_step_that_is_not_right_is_named(authorized: AsyncClient, name: str, value: str) -> None:
    stored = await create(authorized)
    step = (await follow_ups_of(authorized, stored["id"]))["check_in"]
    assert faults(await _ask_step(authorized, step, **{name: value}), "parameter") == [name]


async def test_a_thank_you_to_somebody_who_is_no_longer_an_interviewer_cannot_be_written(
    authorized: AsyncClient,
) -> None:
    stored = await create(authorized)
    await happen(authorized, stored["id"], "follow_up_sent", key="thank_you/tom-berg")
    await patch(authorized, stored["id"], interviewers=[{"name": "Priya Shah", "topics": ["Kafka"]}])
    step = (await follow_ups_of(authorized, stored["id"]))["thank_you/tom-berg"]
    assert step["recipient"] is None
    assert "no longer" in problem(await _ask_step(authorized, step), 409)["detail"]


async def test_a_fact_that_the_interview_of_a_step_lacks_is_named_as_it_stands_there(authorized: AsyncClient) -> None:
    stored = await create(authorized, notes={})
    step = (await follow_ups_of(authorized, stored["id"]))["thank_you/tom-berg"]
    (pointer,) = faults(await _ask_step(authorized, step), "pointer")
    assert pointer.startswith(("/interviewers/1", "/notes"))


@pytest.mark.parametrize("media", OFFERED)
async def test_the_email_of_a_step_comes_in_every_form(authorized: AsyncClient, media: str) -> None:
    stored = await create(authorized)
    step = (await follow_ups_of(authorized, stored["id"]))["check_in"]
    path = f"/v1/follow-ups/{step['id']}/email"
    response = await authorized.get(path, headers={"Accept": media})
    assert (response.status_code, response.headers["content-type"]) == (200, media)
    assert "Accept" in response.headers["vary"].split(", ")
    missing = await authorized.get(path.replace("fu_", "fu_0"), headers={"Accept": media})
    assert problem(missing, 404)
    assert "Accept" in missing.headers["vary"].split(", ")


def test_the_offered_forms_are_all_tried() -> None:
    assert [media.partition(";")[0] for media in OFFERED] == list(MEDIA_TYPES.values())
