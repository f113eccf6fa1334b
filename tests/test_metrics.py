"""What an operator sees of requests."""

import re

from httpx import AsyncClient

from app.metrics import show_metrics


def _count(**labels: str) -> float:
    """How many requests with these labels there were in this process."""
    for line in show_metrics().decode().splitlines():
        found = re.fullmatch(r"afterword_request_seconds_count\{(.*)\} (.*)", line)
        if found and dict(re.findall(r'(\w+)="([^"]*)"', found[1])) == labels:
            return float(found[2])
    return 0


async def test_requests_are_counted_by_the_template_of_their_route(client: AsyncClient) -> None:
    route = {"method": "GET", "route": "/v1/interviews/{interview_id}", "status": "401"}
    before = _count(**route)
    await client.get("/v1/interviews/somebody@example.com")
    assert _count(**route) == before + 1
    assert "somebody" not in show_metrics().decode()


async def test_addresses_and_methods_of_callers_make_no_names(client: AsyncClient) -> None:
    nowhere = {"method": "other", "route": "none", "status": "404"}
    before = _count(**nowhere)
    await client.request("BREW", "/no/such/place/1")
    await client.request("STEEP", "/no/such/place/2")
    assert _count(**nowhere) == before + 2


async def test_metrics_are_text_for_prometheus(client: AsyncClient) -> None:
    response = await client.get("/metrics")
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/plain; version=")
    for name in ("due_lag_seconds", "deliveries", "queue_depth", "queue_oldest_seconds", "lease_expiries", "request"):
        assert f"# TYPE afterword_{name}" in response.text
