"""Accounts and their keys, interviews, events, follow-ups."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    _create_account()
    _create_api_key()
    _create_interview()
    _create_event()
    _create_follow_up()


def downgrade() -> None:
    for table in ("follow_up", "event", "interview", "api_key", "account"):
        op.drop_table(table)


def _instant() -> sa.DateTime:
    return sa.DateTime(timezone=True)


def _create_account() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", _instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_account"),
        sa.UniqueConstraint("name", name="uq_account_name"),
    )


def _create_api_key() -> None:
    op.create_table(
        "api_key",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("created_at", _instant(), nullable=False),
        sa.Column("last_used_at", _instant(), nullable=True),
        sa.Column("revoked_at", _instant(), nullable=True),
        sa.Column("expires_at", _instant(), nullable=True),
        sa.PrimaryKeyConstraint("account_id", "id", name="pk_api_key"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_api_key_account", ondelete="CASCADE"),
        sa.UniqueConstraint("digest", name="uq_api_key_digest"),
    )


def _create_interview() -> None:
    op.create_table(
        "interview",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("application_ref", sa.String(), nullable=True),
        sa.Column("candidate_email", sa.String(), nullable=True),
        sa.Column("company", sa.String(), nullable=False),
        sa.Column("job_title", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("starts_at", _instant(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("facts", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", _instant(), nullable=False),
        sa.Column("updated_at", _instant(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "id", name="pk_interview"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_interview_account", ondelete="CASCADE"),
        sa.UniqueConstraint("account_id", "external_id", name="uq_interview_account_id_external_id"),
    )
    for column in ("starts_at", "created_at"):
        op.create_index(f"ix_interview_account_id_{column}_id", "interview", ["account_id", column, "id"])
    for column in ("application_ref", "candidate_email"):
        given = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"ix_interview_account_id_{column}",
            "interview",
            ["account_id", column],
            sqlite_where=given,
            postgresql_where=given,
        )


def _create_event() -> None:
    op.create_table(
        "event",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("interview_id", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("occurred_at", _instant(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("data", sa.String(), nullable=False),
        sa.Column("created_at", _instant(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "id", name="pk_event"),
        sa.ForeignKeyConstraint(
            ["account_id", "interview_id"],
            ["interview.account_id", "interview.id"],
            name="fk_event_interview",
            ondelete="CASCADE",
        ),
    )
    columns = ["account_id", "interview_id", "occurred_at", "position"]
    op.create_index("ix_event_account_id_interview_id_occurred_at_position", "event", columns)


def _create_follow_up() -> None:
    op.create_table(
        "follow_up",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("interview_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("opens_at", _instant(), nullable=False),
        sa.Column("due_at", _instant(), nullable=False),
        sa.Column("closes_at", _instant(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "id", name="pk_follow_up"),
        sa.ForeignKeyConstraint(
            ["account_id", "interview_id"],
            ["interview.account_id", "interview.id"],
            name="fk_follow_up_interview",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("account_id", "interview_id", "key", name="uq_follow_up_account_id_interview_id_key"),
    )
    op.create_index("ix_follow_up_account_id_due_at_id", "follow_up", ["account_id", "due_at", "id"])
    still_open = sa.text("status = 'open'")
    op.create_index(
        "ix_follow_up_due_at", "follow_up", ["due_at"], sqlite_where=still_open, postgresql_where=still_open
    )
