import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import insert, update

from app.schemas.webhook_events import EVENTS
from app.store.db import Database, Session
from app.store.endpoints import delete_endpoint
from app.store.find import NotFound
from app.store.keys import find_or_insert_account
from app.store.rows import AttemptRow
from app.store.tables import Attempt, Lane, Pending
from app.webhooks.lanes import hold_lanes
from app.webhooks.outbox import News, cancel, cancel_pending, disable, forget, payload, publish, publish_to
from tests.subscribers import attempts, deliveries, endpoint, lane, messages, pending, subscribe, told

NOW = datetime(2065, 11, 20, 22, 0, 0, 123456, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
INT, OTHER_INT = (f"int_{n:032x}" for n in (1, 2))
FU, OTHER_FU = (f"fu_{n:032x}" for n in (1, 2))
DUE = News("follow_up.due", {"why": "it is time"}, INT, FU, NOW)
CHANGED = News("plan.changed", {"changed": []}, INT)
PING = News("ping", {"endpoint_id": "ep_1"})


@pytest.fixture
def account_id(database: Database) -> str:
    with database.begin() as connection:
        return find_or_insert_account(connection, "default", NOW)


@pytest.fixture
def session(database: Database, account_id: str) -> Iterator[Session]:
    with database.begin() as connection:
        yield Session(connection, account_id)


def lease_all(session: Session) -> None:
    """As a worker takes them."""
    session.connection.execute(update(Pending.__table__).values(claim="w1", tries=1, available_at=LATER))


def states(session: Session) -> list[str]:
    return [row.state for row in deliveries(session)]


# Payloads


def test_a_payload_is_what_the_standard_wants_in_the_words_that_were_given() -> None:
    told = payload(News("ping", {"endpoint_id": "مرحبا 👋🏽", "n": 10**20, "null": None}), NOW)
    expected = '{"type":"ping","timestamp":"2065-11-20T22:00:00.123456Z","data":'
    assert told == expected + '{"endpoint_id":"مرحبا 👋🏽","n":100000000000000000000,"null":null}}'
    assert json.loads(told)["data"]["n"] == 10**20


# Publishing


def test_news_goes_to_every_endpoint_that_wants_it_and_wakes_its_lane(session: Session) -> None:
    everything, due, other = subscribe(session), subscribe(session, DUE.type), subscribe(session, "ping")
    assert publish(session, [DUE, CHANGED], NOW) == 2
    first, second = messages(session)
    assert first._replace(id="") == first._replace(
        id="", type=DUE.type, interview_id=INT, follow_up_id=FU, moment=NOW, payload=payload(DUE, NOW), created_at=NOW
    )
    assert (second.type, second.interview_id, second.follow_up_id, second.moment) == (CHANGED.type, INT, None, None)
    assert {(row.endpoint_id, row.message_id) for row in deliveries(session)} == {
        (everything, first.id),
        (everything, second.id),
        (due, first.id),
    }
    assert {(row.state, row.attempts, row.created_at, row.settled_at) for row in deliveries(session)} == {
        ("open", 0, NOW, None)
    }
    assert [row[1:4] for row in pending(session)] == [row[1:4] for row in deliveries(session)]
    assert {row[4:] for row in pending(session)} == {(False, NOW, 0, None)}
    assert [lane(session, id).next_at for id in (everything, due, other)] == [NOW, NOW, None]


def test_without_endpoints_nothing_is_written(session: Session) -> None:
    assert publish(session, [DUE, CHANGED], NOW) == 0
    assert messages(session) == []
    assert publish(session, [], NOW) == 0


def test_what_nobody_asked_for_is_not_written(session: Session) -> None:
    subscribe(session, "ping")
    assert publish(session, [DUE, CHANGED], NOW) == 0
    assert messages(session) == []


def test_a_disabled_endpoint_gets_a_message_into_the_log_but_no_delivery(session: Session) -> None:
    id = subscribe(session, enabled=False)
    assert publish(session, [DUE], NOW) == 1
    assert deliveries(session) == []
    assert lane(session, id).next_at is None


def test_another_accounts_endpoints_hear_nothing(session: Session) -> None:
    other = Session(session.connection, find_or_insert_account(session.connection, "other", NOW))
    subscribe(other)
    assert publish(session, [DUE], NOW) == 0
    assert messages(other) == []


def test_one_moment_is_told_once_and_the_rest_of_the_news_all_the_same(session: Session) -> None:
    subscribe(session)
    publish(session, [DUE], NOW)
    moved = DUE._replace(moment=LATER)
    missed = DUE._replace(type="follow_up.missed")
    other = DUE._replace(follow_up_id=OTHER_FU)
    assert publish(session, [DUE, moved, CHANGED, missed, other], LATER) == 4
    assert publish(session, [DUE, moved, missed, other], LATER) == 0
    assert [row.type for row in messages(session)].count(DUE.type) == 3
    assert len(deliveries(session)) == len(pending(session)) == len(messages(session)) == 5


def test_what_has_no_moment_is_told_each_time(session: Session) -> None:
    subscribe(session)
    assert [publish(session, [CHANGED], NOW), publish(session, [CHANGED], NOW)] == [1, 1]


def test_a_thousand_news_are_written_in_their_order(session: Session) -> None:
    subscribe(session)
    news = [DUE._replace(follow_up_id=f"fu_{n:032x}", data={"n": n}) for n in range(1000)]
    assert publish(session, news, NOW) == 1000
    assert [json.loads(row.payload or "")["data"]["n"] for row in messages(session)] == list(range(1000))
    assert len(pending(session)) == 1000


def test_two_who_publish_the_same_moment_at_once_write_it_once(database: Database, account_id: str) -> None:
    with database.begin() as connection:
        subscribe(Session(connection, account_id))
    everybody = Barrier(4)

    def tell(_: int) -> int:
        everybody.wait(timeout=20)
        with database.begin() as connection:
            return publish(Session(connection, account_id), [DUE, CHANGED], NOW)

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(tell, range(4))) == [1, 1, 1, 2]
    with database.read() as connection:
        assert len(pending(Session(connection, account_id))) == 5


def test_one_endpoint_can_be_told_whatever_it_asked_for(session: Session) -> None:
    id, other = subscribe(session, "plan.changed"), subscribe(session)
    message = publish_to(session, id, PING, NOW)
    assert messages(session) == [message]
    assert [row.endpoint_id for row in pending(session)] == [id]
    assert (lane(session, id).next_at, lane(session, other).next_at) == (NOW, None)


def test_a_disabled_endpoint_is_told_later(session: Session) -> None:
    id = subscribe(session, enabled=False, disabled_because="owner")
    publish_to(session, id, PING, NOW)
    assert states(session) == ["open"]
    assert lane(session, id).next_at is None


def test_an_endpoint_that_is_not_there_cannot_be_told(session: Session) -> None:
    subscribe(session)
    with pytest.raises(NotFound):
        publish_to(session, f"ep_{0:032x}", PING, NOW)
    assert messages(session) == []


# Taking back


def test_a_due_that_is_taken_back_waits_no_longer_and_other_news_does(session: Session) -> None:
    subscribe(session), subscribe(session)
    missed, other = DUE._replace(type="follow_up.missed"), DUE._replace(follow_up_id=OTHER_FU)
    publish(session, [DUE, CHANGED, missed, other], NOW)
    assert cancel(session, [FU], LATER) == 2
    assert states(session) == ["cancelled"] * 2 + ["open"] * 6
    assert {row.settled_at for row in deliveries(session)} == {LATER, None}
    assert len(pending(session)) == 6
    assert cancel(session, [FU], LATER) == 0
    assert cancel(session, [], LATER) == 0


def test_a_leased_delivery_is_taken_back_too_and_makes_room_in_its_lane(session: Session) -> None:
    id = subscribe(session)
    publish(session, [DUE], NOW)
    lease_all(session)
    session.connection.execute(update(Lane.__table__).values(next_at=LATER))
    assert cancel(session, [FU], NOW) == 1
    assert pending(session) == []
    assert lane(session, id).next_at == NOW


def test_a_moment_that_was_taken_back_can_be_told_again(session: Session) -> None:
    subscribe(session)
    publish(session, [DUE], NOW)
    cancel(session, [FU], NOW)
    assert publish(session, [DUE], LATER) == 1
    assert states(session) == ["cancelled", "open"]


def test_another_accounts_deliveries_are_not_taken_back(session: Session) -> None:
    other = Session(session.connection, find_or_insert_account(session.connection, "other", NOW))
    subscribe(session), subscribe(other)
    for each in (session, other):
        publish(each, [DUE], NOW)
    assert cancel(session, [FU], NOW) == 1
    forget(session, [INT], NOW)
    assert states(other) == ["open"]
    assert told_payloads(other) == [payload(DUE, NOW)]


def told_payloads(session: Session) -> list[str | None]:
    return [row.payload for row in messages(session)]


def test_of_a_forgotten_interview_the_ids_alone_stay(session: Session) -> None:
    subscribe(session)
    other = CHANGED._replace(interview_id=OTHER_INT)
    publish(session, [DUE, CHANGED, other], NOW)
    for row in deliveries(session):
        attempt = AttemptRow(row.account_id, row.id, 1, NOW, 5, 500, "status", "Dear Ana", truncated=False)
        session.connection.execute(insert(Attempt.__table__), attempt._asdict())
    before = messages(session)
    forget(session, [INT], LATER)
    forget(session, [], LATER)
    assert messages(session) == [row._replace(payload=None) for row in before[:2]] + before[2:]
    assert told_payloads(session) == [None, None, payload(other, NOW)]
    assert [row.body for row in attempts(session)] == [None, None, "Dear Ana"]
    assert states(session) == ["cancelled", "cancelled", "open"]
    assert len(pending(session)) == 1


def test_an_interview_is_forgotten_when_all_endpoints_are_gone(session: Session) -> None:
    id = subscribe(session)
    publish(session, [DUE], NOW)
    cancel_pending(session, id, NOW)
    delete_endpoint(session, id)
    forget(session, [INT], LATER)
    assert told_payloads(session) == [None]
    assert states(session) == ["cancelled"]


def test_whatever_waits_for_an_endpoint_is_cancelled(session: Session) -> None:
    id, other = subscribe(session), subscribe(session)
    publish(session, [DUE, CHANGED], NOW)
    assert cancel_pending(session, id, LATER) == 2
    assert {row.endpoint_id: row.state for row in deliveries(session)} == {id: "cancelled", other: "open"}
    assert {row.endpoint_id for row in pending(session)} == {other}
    assert cancel_pending(session, id, LATER) == 0


# Disabling


def test_what_waits_for_an_endpoint_that_its_owner_disables_is_held(session: Session) -> None:
    id, other = subscribe(session), subscribe(session)
    publish(session, [DUE], NOW)
    disable(session, id, "owner", LATER)
    disabled = endpoint(session, id)
    assert (disabled.enabled, disabled.disabled_because, disabled.updated_at) == (False, "owner", LATER)
    assert states(session) == ["open", "open"]
    assert lane(session, id).next_at is None
    assert lane(session, other).next_at == NOW
    assert len(messages(session)) == 1


@pytest.mark.parametrize("because", ["gone", "failing"])
def test_what_waits_for_an_endpoint_that_is_gone_or_failing_is_cancelled_and_the_others_hear_of_it(
    session: Session, because: str
) -> None:
    id, other = subscribe(session), subscribe(session, "endpoint.disabled")
    deaf = subscribe(session, "ping")
    publish(session, [DUE], NOW)
    session.connection.execute(
        update(Lane.__table__).where(Lane.__table__.c.endpoint_id == id).values(failing_since=NOW)
    )
    disable(session, id, because, LATER)  # type: ignore[arg-type]
    disable(session, id, because, LATER)  # type: ignore[arg-type]
    disable(session, id, "owner", LATER)
    assert endpoint(session, id).disabled_because == because
    assert lane(session, id).next_at is None
    assert lane(session, deaf).next_at is None
    assert [(row.endpoint_id, row.state) for row in deliveries(session)] == [(id, "cancelled"), (other, "open")]
    message = json.loads(messages(session)[-1].payload or "")
    EVENTS["endpoint.disabled"].model_validate(message)
    assert message["data"] == {
        "endpoint_id": id,
        "url": "https://hooks.example.com/",
        "disabled_because": because,
        "failing_since": "2065-11-20T22:00:00.123456Z",
    }


def test_an_endpoint_that_never_failed_has_been_failing_since_never(session: Session) -> None:
    id, _ = subscribe(session), subscribe(session)
    disable(session, id, "gone", NOW)
    assert [data["failing_since"] for data in told(session, "endpoint.disabled")] == [None]


def test_an_endpoint_that_was_deleted_meanwhile_cannot_be_disabled_and_nobody_minds(session: Session) -> None:
    subscribe(session)
    disable(session, f"ep_{0:032x}", "gone", NOW)
    assert messages(session) == []


def test_who_publishes_waits_for_who_holds_the_lanes(database: Database, account_id: str) -> None:
    with database.begin() as connection:
        id = subscribe(Session(connection, account_id))
    with ThreadPoolExecutor(1) as pool:

        def tell() -> int:
            with database.begin() as connection:
                return publish(Session(connection, account_id), [DUE], LATER)

        with database.begin() as connection:
            holder = Session(connection, account_id)
            hold_lanes(holder)
            waiting = pool.submit(tell)
            disable(holder, id, "owner", NOW)
        assert waiting.result(timeout=20) == 1
    with database.read() as connection:
        assert deliveries(Session(connection, account_id)) == []
