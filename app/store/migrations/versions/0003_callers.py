"""What a key may do, and client tokens; answers that are kept, allowances; traces of messages."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_ALL = "interviews:read interviews:write emails webhooks keys erase"


def upgrade() -> None:
    _widen_account()
    _widen_api_key()
    _create_client_token()
    _create_kept_answer()
    _create_allowance()
    op.add_column("message", _text("traceparent", nullable=True))


def downgrade() -> None:
    op.drop_column("message", "traceparent")
    for table in ("allowance", "kept_answer", "client_token"):
        op.drop_table(table)
    for column in ("hint", "scopes"):
        op.drop_column("api_key", column)
    for column in ("mode", "allowed_origins", "retention_days"):
        op.drop_column("account", column)


def _widen_account() -> None:
    op.add_column("account", _text("mode", default="live"))
    op.add_column("account", _text("allowed_origins", default="[]"))
    op.add_column("account", sa.Column("retention_days", sa.Integer(), nullable=True))


def _widen_api_key() -> None:
    """The keys until now could do everything, and go on to."""
    op.add_column("api_key", _text("hint", nullable=True))
    op.add_column("api_key", _text("scopes", nullable=True))
    op.execute(f"UPDATE api_key SET scopes = '{_ALL}'")  # noqa: S608 - a text of ours


def _create_client_token() -> None:
    op.create_table(
        "client_token",
        _text("account_id"),
        _text("id"),
        _text("key_id"),
        _text("digest"),
        _text("interview_id", nullable=True),
        _text("candidate_email", nullable=True),
        _text("actions"),
        _text("origins"),
        sa.Column("created_at", _instant(), nullable=False),
        sa.Column("expires_at", _instant(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "id", name="pk_client_token"),
        sa.UniqueConstraint("digest", name="uq_client_token_digest"),
        _belongs("client_token", "key_id", "api_key"),
        _belongs("client_token", "interview_id", "interview"),
    )
    op.create_index("ix_client_token_expires_at", "client_token", ["expires_at"])
    for column in ("interview_id", "candidate_email"):
        _create_partial_index("client_token", column)


def _create_kept_answer() -> None:
    op.create_table(
        "kept_answer",
        _text("account_id"),
        _text("key"),
        _text("fingerprint"),
        _text("answer", nullable=True),
        _text("about", nullable=True),
        sa.Column("created_at", _instant(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "key", name="pk_kept_answer"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_kept_answer_account", ondelete="CASCADE"),
    )
    op.create_index("ix_kept_answer_created_at", "kept_answer", ["created_at"])
    _create_partial_index("kept_answer", "about")


def _create_allowance() -> None:
    op.create_table(
        "allowance",
        _text("subject"),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("given", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name="pk_allowance"),
    )


def _belongs(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["account_id", column], [f"{to}.account_id", f"{to}.id"], name=f"fk_{table}_{to}", ondelete="CASCADE"
    )


def _create_partial_index(table: str, column: str) -> None:
    where = sa.text(f"{column} IS NOT NULL")
    op.create_index(
        f"ix_{table}_account_id_{column}",
        table,
        ["account_id", column],
        sqlite_where=where,
        postgresql_where=where,
    )


def _text(name: str, *, nullable: bool = False, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=nullable, server_default=default)


def _instant() -> sa.DateTime:
    return sa.DateTime(timezone=True)
