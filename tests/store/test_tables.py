import pytest
from sqlalchemy import Table

from app.store import rows
from app.store.tables import (
    Account,
    ApiKey,
    Attempt,
    ClientToken,
    Delivery,
    Event,
    FollowUp,
    Interview,
    KeptAnswer,
    Lane,
    Message,
    Pending,
    Recovery,
    WebhookEndpoint,
    metadata,
)


@pytest.mark.parametrize(
    ("row", "table"),
    [
        (rows.AccountRow, Account.__table__),
        (rows.KeyRow, ApiKey.__table__),
        (rows.TokenRow, ClientToken.__table__),
        (rows.KeptAnswerRow, KeptAnswer.__table__),
        (rows.InterviewRow, Interview.__table__),
        (rows.EventRow, Event.__table__),
        (rows.FollowUpRow, FollowUp.__table__),
        (rows.EndpointRow, WebhookEndpoint.__table__),
        (rows.LaneRow, Lane.__table__),
        (rows.MessageRow, Message.__table__),
        (rows.DeliveryRow, Delivery.__table__),
        (rows.PendingRow, Pending.__table__),
        (rows.AttemptRow, Attempt.__table__),
        (rows.RecoveryRow, Recovery.__table__),
    ],
)
def test_a_row_has_the_columns_of_its_table_in_their_order(row: type[rows.InterviewRow], table: Table) -> None:
    assert row._fields == tuple(table.columns.keys())


@pytest.mark.parametrize(
    "table", [table for name, table in metadata.tables.items() if name not in {"account", "allowance"}], ids=str
)
def test_keys_and_indexes_begin_with_the_account(table: Table) -> None:
    assert next(iter(table.primary_key.columns)).name == "account_id"
    # What falls due or is over next, whoever it belongs to.
    across_accounts = {
        "ix_follow_up_next_ring_at_account_id",
        "ix_lane_next_at",
        "ix_recovery_created_at",
        "ix_client_token_expires_at",
        "ix_kept_answer_created_at",
    }
    for index in table.indexes:
        assert index.columns[0].name == "account_id" or index.name in across_accounts
