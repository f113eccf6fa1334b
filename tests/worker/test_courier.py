"""What a worker has in flight: so many to an endpoint and for an account, and nothing behind a receiver that hangs."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from app.store.rows import EndpointRow
from app.webhooks.attempts import Answer
from app.webhooks.leasing import Leased, Taken
from app.webhooks.retry import Verdict
from app.webhooks.settling import Outcome
from app.worker import lines
from app.worker.courier import WINDOW, Courier

NOW = datetime(2026, 11, 20, 21, 0, tzinfo=UTC)
DELIVERED = Verdict("delivered")
TIMED_OUT = Verdict("open", NOW, throttles=True)


MADE: list["Receivers"] = []


@pytest.fixture(autouse=True)
async def _break_off() -> AsyncIterator[None]:
    """What is under way when a test ends is broken off."""
    yield
    while MADE:
        MADE.pop().courier.abandon()
    await settle_down()


class Receivers:
    """They answer when the test says so; each delivery is known by its number."""

    def __init__(self, per_endpoint: int = 3, per_account: int = 5) -> None:
        self.under_way: dict[str, asyncio.Future[Verdict | None]] = {}
        self.begun: list[str] = []
        self.courier = Courier(self._send, lambda: None, per_endpoint, per_account)
        MADE.append(self)

    async def _send(self, leased: Leased, endpoint: EndpointRow) -> Outcome | None:
        assert endpoint.id == leased.endpoint_id
        self.begun.append(leased.delivery_id)
        self.under_way[leased.delivery_id] = asyncio.get_running_loop().create_future()
        verdict = await self.under_way[leased.delivery_id]
        del self.under_way[leased.delivery_id]
        return verdict and Outcome(leased, Answer(NOW, 1, 200, None, "", truncated=False, retry_after=None), verdict)

    def take(self, count: int, endpoint: str = "ep", account: str = "acc", *, throttled: bool = False) -> None:
        """So many deliveries, numbered on from those before."""
        first = len(self.begun) + self.courier.load
        leased = tuple(_lease(f"{endpoint}-{first + place}", endpoint, account) for place in range(count))
        self.courier.take(
            Taken(leased, {endpoint: _endpoint(endpoint, account)}, frozenset({endpoint} if throttled else ()))
        )

    async def answer(self, *ids: str, verdict: Verdict | None = DELIVERED) -> None:
        for id in ids:
            self.under_way[id].set_result(verdict)
        await settle_down()


async def settle_down() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def _lease(id: str, endpoint: str, account: str) -> Leased:
    message = ("follow_up.due", None, "{}", None)
    return Leased(account, id, endpoint, "msg", 1, NOW, *message, False, NOW + timedelta(minutes=1), "token")  # noqa: FBT003 - columns


def _endpoint(id: str, account: str) -> EndpointRow:
    return EndpointRow(account, id, "https://example.org", None, None, False, True, None, "[]", NOW, NOW)  # noqa: FBT003 - columns


async def test_only_so_many_are_under_way_to_one_endpoint_and_the_next_follows_at_once() -> None:
    receivers = Receivers()
    receivers.take(6)
    await settle_down()
    assert receivers.begun == ["ep-0", "ep-1", "ep-2"]
    await receivers.answer("ep-1")
    assert receivers.begun == ["ep-0", "ep-1", "ep-2", "ep-3"]


async def test_only_so_many_are_under_way_for_one_account() -> None:
    receivers = Receivers()
    for endpoint in ("a", "b", "c"):
        receivers.take(3, endpoint)
    receivers.take(1, "d", "other account")
    await settle_down()
    # No endpoint has more than is left for the others of its account.
    assert Counter(id[0] for id in receivers.under_way) == {"a": 3, "b": 1, "c": 1, "d": 1}
    await receivers.answer(*[id for id in receivers.under_way if id[0] == "a"])
    assert Counter(id[0] for id in receivers.under_way) == {"b": 2, "c": 2, "d": 1}


async def test_what_came_back_is_handed_out_once_in_the_order_in_which_it_came() -> None:
    receivers = Receivers()
    receivers.take(3)
    await settle_down()
    await receivers.answer("ep-2", "ep-0")
    outcomes, unsent = receivers.courier.collect()
    assert [outcome.leased.delivery_id for outcome in outcomes] == ["ep-2", "ep-0"]
    assert unsent == []
    assert not receivers.courier.has_news
    assert receivers.courier.load == 1


async def test_what_could_not_be_settled_is_kept() -> None:
    receivers = Receivers()
    receivers.take(1)
    await settle_down()
    await receivers.answer("ep-0")
    collected = receivers.courier.collect()
    receivers.courier.keep(*collected)
    assert receivers.courier.collect() == collected


async def test_after_a_timeout_what_waits_goes_back_and_one_at_a_time_is_sent() -> None:
    receivers = Receivers()
    receivers.take(6)
    await settle_down()
    await receivers.answer("ep-0", verdict=TIMED_OUT)
    _, unsent = receivers.courier.collect()
    assert [leased.delivery_id for leased in unsent] == ["ep-3", "ep-4", "ep-5"]
    await receivers.answer("ep-1", "ep-2", verdict=TIMED_OUT)
    receivers.take(3, throttled=True)
    await settle_down()
    assert len(receivers.under_way) == 1


async def test_a_throttled_endpoint_that_succeeds_gets_more_at_once_again() -> None:
    receivers = Receivers()
    receivers.take(1, throttled=True)
    await settle_down()
    receivers.take(4, throttled=True)
    await settle_down()
    assert len(receivers.under_way) == 1
    await receivers.answer("ep-0")
    assert len(receivers.under_way) == 3


async def test_one_that_was_not_sent_goes_back_and_leaves_its_place() -> None:
    receivers = Receivers()
    receivers.take(4)
    await settle_down()
    await receivers.answer("ep-0", verdict=None)
    outcomes, unsent = receivers.courier.collect()
    assert (outcomes, [leased.delivery_id for leased in unsent]) == ([], ["ep-0"])
    assert len(receivers.under_way) == 3
    assert receivers.courier.load == 3


async def test_what_has_waited_too_long_behind_others_goes_back_and_counts_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lines, "FRESH_SECONDS", 0.05)
    receivers = Receivers()
    receivers.take(5)
    await asyncio.sleep(0.06)
    receivers.take(4, "fresh", "other account")
    receivers.courier.turn_back_stale()
    _, unsent = receivers.courier.collect()
    assert [leased.delivery_id for leased in unsent] == ["ep-3", "ep-4"]
    assert receivers.courier.load == 3 + 4


async def test_what_has_waited_too_long_is_not_sent_when_a_place_becomes_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "FRESH_SECONDS", 0.05)
    receivers = Receivers()
    receivers.take(5)
    await asyncio.sleep(0.06)
    await receivers.answer("ep-0")
    assert len(receivers.under_way) == 2
    assert [len(each) for each in receivers.courier.collect()] == [1, 2]


async def test_a_timeout_during_a_lease_holds_for_what_was_leased() -> None:
    receivers = Receivers()
    receivers.take(3)
    await settle_down()
    await receivers.answer("ep-0", verdict=TIMED_OUT)
    receivers.take(3, throttled=False)
    await settle_down()
    assert len(receivers.under_way) == 2
    await receivers.answer("ep-1", "ep-2", verdict=Verdict("open", NOW))
    assert len(receivers.under_way) == 1


@pytest.mark.parametrize("end", ["answered", "timed out", "told to stop", "stale"])
async def test_of_an_endpoint_for_which_nothing_is_held_any_more_nothing_is_remembered(
    monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    """Its row has its secrets."""
    if end == "stale":
        monkeypatch.setattr(lines, "FRESH_SECONDS", -1)
    receivers = Receivers()
    looked_at = Taken((), {}, frozenset({"full"}))
    receivers.courier.take(looked_at)
    receivers.take(2, throttled=True)
    if end == "told to stop":
        receivers.courier.turn_back()
    await settle_down()
    while receivers.under_way:
        await receivers.answer(*receivers.under_way, verdict=TIMED_OUT if end == "timed out" else DELIVERED)
    assert receivers.courier.load == 0
    remembered = vars(receivers.courier)
    assert [remembered[name] for name in ("_endpoints", "_throttled")] == [{}, set()]


async def test_told_to_stop_it_gives_back_what_waits_and_finishes_what_is_under_way() -> None:
    receivers = Receivers()
    receivers.take(5)
    await settle_down()
    receivers.courier.turn_back()
    assert receivers.courier.load == 3
    await receivers.answer(*receivers.under_way)
    outcomes, unsent = receivers.courier.collect()
    assert (len(outcomes), len(unsent), receivers.courier.load) == (3, 2, 0)


async def test_fast_receivers_share_few_connections_and_slow_ones_get_more_after_a_while() -> None:
    receivers = Receivers(per_endpoint=10, per_account=20)
    endpoints = WINDOW // 10 + 2
    for number in range(endpoints):
        receivers.take(10, f"e{number}", f"a{number}")
    await settle_down()
    assert len(receivers.under_way) == WINDOW
    async with asyncio.timeout(10):
        while len(receivers.under_way) < endpoints * 10:  # noqa: ASYNC110 - nothing tells of a wider window
            await asyncio.sleep(0.01)


async def test_a_place_that_becomes_free_goes_to_another_account_that_waits_for_it() -> None:
    receivers = Receivers(per_endpoint=WINDOW, per_account=2 * WINDOW)
    receivers.take(WINDOW)
    receivers.take(1, "late", "other account")
    await settle_down()
    assert "late" not in {id.split("-")[0] for id in receivers.under_way}
    await receivers.answer("ep-0")
    assert "late" in {id.split("-")[0] for id in receivers.under_way}
