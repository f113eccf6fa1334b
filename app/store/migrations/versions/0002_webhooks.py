"""When follow-ups ring; endpoints and their lanes; messages, deliveries and attempts; recoveries."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    _let_follow_ups_ring()
    _create_webhook_endpoint()
    _create_lane()
    _create_message()
    _create_delivery()
    _create_pending()
    _create_attempt()
    _create_recovery()


def downgrade() -> None:
    for table in ("recovery", "attempt", "pending", "delivery", "message", "lane", "webhook_endpoint"):
        op.drop_table(table)
    for columns in (["next_ring_at", "account_id"], ["account_id", "next_ring_at"]):
        op.drop_index(f"ix_follow_up_{'_'.join(columns)}", "follow_up")
    for column in ("next_ring_at", "announced_due_at", "announced_closes_at"):
        op.drop_column("follow_up", column)
    _create_partial_index("follow_up", ["due_at"], "status = 'open'")


def _let_follow_ups_ring() -> None:
    op.drop_index("ix_follow_up_due_at", "follow_up")
    for column in ("next_ring_at", "announced_due_at", "announced_closes_at"):
        op.add_column("follow_up", sa.Column(column, _instant(), nullable=True))
    op.execute("UPDATE follow_up SET next_ring_at = due_at WHERE status = 'open'")
    for columns in (["next_ring_at", "account_id"], ["account_id", "next_ring_at"]):
        _create_partial_index("follow_up", columns, "next_ring_at IS NOT NULL")


def _create_webhook_endpoint() -> None:
    op.create_table(
        "webhook_endpoint",
        _text("account_id"),
        _text("id"),
        _text("url"),
        _text("events", nullable=True),
        _text("description", nullable=True),
        sa.Column("include_email", sa.Boolean(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        _text("disabled_because", nullable=True),
        _text("secrets"),
        sa.Column("created_at", _instant(), nullable=False),
        sa.Column("updated_at", _instant(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "id", name="pk_webhook_endpoint"),
        _account("webhook_endpoint"),
    )


def _create_lane() -> None:
    op.create_table(
        "lane",
        _text("account_id"),
        _text("endpoint_id"),
        sa.Column("next_at", _instant(), nullable=True),
        sa.Column("throttled", sa.Boolean(), nullable=False),
        sa.Column("failing_since", _instant(), nullable=True),
        sa.Column("failed_at", _instant(), nullable=True),
        sa.PrimaryKeyConstraint("account_id", "endpoint_id", name="pk_lane"),
        _endpoint("lane"),
    )
    _create_partial_index("lane", ["next_at"], "next_at IS NOT NULL")


def _create_message() -> None:
    op.create_table(
        "message",
        _text("account_id"),
        _text("id"),
        _text("type"),
        _text("interview_id", nullable=True),
        _text("follow_up_id", nullable=True),
        sa.Column("moment", _instant(), nullable=True),
        _text("payload", nullable=True),
        sa.Column("created_at", _instant(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "id", name="pk_message"),
        _account("message"),
    )
    columns = ["account_id", "follow_up_id", "type", "moment"]
    _create_partial_index("message", columns, "moment IS NOT NULL", unique=True)
    _create_partial_index("message", ["account_id", "interview_id"], "interview_id IS NOT NULL")


def _create_delivery() -> None:
    op.create_table(
        "delivery",
        _text("account_id"),
        _text("id"),
        _text("endpoint_id"),
        _text("message_id"),
        _text("state"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", _instant(), nullable=False),
        sa.Column("settled_at", _instant(), nullable=True),
        sa.PrimaryKeyConstraint("account_id", "id", name="pk_delivery"),
        sa.ForeignKeyConstraint(
            ["account_id", "message_id"],
            ["message.account_id", "message.id"],
            name="fk_delivery_message",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "account_id", "message_id", "endpoint_id", name="uq_delivery_account_id_message_id_endpoint_id"
        ),
    )
    op.create_index("ix_delivery_account_id_endpoint_id_id", "delivery", ["account_id", "endpoint_id", "id"])


def _create_pending() -> None:
    op.create_table(
        "pending",
        _text("account_id"),
        _text("delivery_id"),
        _text("endpoint_id"),
        _text("message_id"),
        sa.Column("retry", sa.Boolean(), nullable=False),
        sa.Column("available_at", _instant(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        _text("claim", nullable=True),
        sa.PrimaryKeyConstraint("account_id", "delivery_id", name="pk_pending"),
        _delivery("pending"),
    )
    columns = ["account_id", "endpoint_id", "retry", "available_at"]
    op.create_index(f"ix_pending_{'_'.join(columns)}", "pending", columns)
    _create_partial_index("pending", ["account_id", "endpoint_id", "available_at"], "claim IS NOT NULL")


def _create_attempt() -> None:
    op.create_table(
        "attempt",
        _text("account_id"),
        _text("delivery_id"),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("started_at", _instant(), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        _text("failure", nullable=True),
        _text("body", nullable=True),
        sa.Column("truncated", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "delivery_id", "number", name="pk_attempt"),
        _delivery("attempt"),
    )


def _create_recovery() -> None:
    op.create_table(
        "recovery",
        _text("account_id"),
        _text("id"),
        _text("endpoint_id"),
        sa.Column("since", _instant(), nullable=False),
        _text("after"),
        _text("until"),
        sa.Column("recovered", sa.Integer(), nullable=False),
        sa.Column("created_at", _instant(), nullable=False),
        sa.Column("finished_at", _instant(), nullable=True),
        sa.PrimaryKeyConstraint("account_id", "id", name="pk_recovery"),
        _endpoint("recovery"),
    )
    _create_partial_index("recovery", ["created_at"], "finished_at IS NULL")


def _instant() -> sa.DateTime:
    return sa.DateTime(timezone=True)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=nullable)


def _account(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=f"fk_{table}_account", ondelete="CASCADE")


def _endpoint(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["account_id", "endpoint_id"],
        ["webhook_endpoint.account_id", "webhook_endpoint.id"],
        name=f"fk_{table}_webhook_endpoint",
        ondelete="CASCADE",
    )


def _delivery(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["account_id", "delivery_id"],
        ["delivery.account_id", "delivery.id"],
        name=f"fk_{table}_delivery",
        ondelete="CASCADE",
    )


def _create_partial_index(table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    name = f"ix_{table}_{'_'.join(columns)}"
    condition = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition)
