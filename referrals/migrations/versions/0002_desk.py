"""Staff, service clocks, messages, files, ratings, outbox, audit and figures; what a ticket needs on its way."""

import sqlalchemy as sa
from alembic import op

from referrals.secret_text import encrypt

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("details", sa.String(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("ix_audit_subject", "audit", ["subject"])

    op.create_table(
        "staff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=120), nullable=False),
        sa.Column("service", sa.String(length=20)),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("certificates", sa.JSON(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("districts", sa.JSON(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("failed_logins", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True)),
        sa.Column("last_assigned_at", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("login"),
    )
    op.create_table(
        "turns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("topic", sa.String(length=20)),
        sa.Column("intent", sa.String(length=40)),
        sa.Column("reply", sa.String(length=20), nullable=False),
        sa.Column("answer", sa.String(length=80)),
        sa.Column("ticketed", sa.Boolean(), nullable=False),
        sa.Column("question", sa.Text()),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_turns_at", "turns", ["at"])

    op.create_table(
        "clients",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_clients_staff_id", "clients", ["staff_id"])

    op.create_table(
        "leaves",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_leaves_staff_id", "leaves", ["staff_id"])

    op.create_table(
        "staff_sessions",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("ix_staff_sessions_staff_id", "staff_sessions", ["staff_id"])

    op.create_table(
        "clocks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("remaining", sa.Integer()),
        sa.Column("stopped_at", sa.DateTime(timezone=True)),
        sa.Column("warned_at", sa.DateTime(timezone=True)),
        sa.Column("missed_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["tickets.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("ticket_id", "kind"),
    )
    op.create_index("ix_clocks_due", "clocks", ["stopped_at", "missed_at", "due_at"])

    op.create_table(
        "messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(length=10), nullable=False),
        sa.Column("staff_id", sa.Integer()),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["staff.id"],
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["tickets.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_messages_ticket_id", "messages", ["ticket_id"])

    op.create_table(
        "notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["staff.id"],
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["tickets.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_notes_ticket_id", "notes", ["ticket_id"])

    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("ticket_id", sa.Integer()),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_try", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=200), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.Column("dead_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["tickets.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_outbox_due", "outbox", ["sent_at", "dead_at", "next_try"])
    op.create_index("ix_outbox_ticket_id", "outbox", ["ticket_id"])

    op.create_table(
        "ratings",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewed_by", sa.Integer()),
        sa.Column("review", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reviewed_by"],
            ["staff.id"],
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["tickets.id"],
        ),
        sa.PrimaryKeyConstraint("ticket_id"),
    )
    op.create_table(
        "ticket_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer()),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["staff.id"],
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["tickets.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_ticket_files_ticket_id", "ticket_files", ["ticket_id"])

    # Added one by one: making the tables anew would drop rows that others refer to.
    op.add_column("ticket_events", sa.Column("step", sa.String(length=30), nullable=False, server_default=""))
    op.add_column("ticket_events", sa.Column("by", sa.String(length=60), nullable=False, server_default=""))
    # A reply stands among the notes: they are encrypted from here on.
    with op.batch_alter_table("ticket_events") as events:
        events.alter_column("note", type_=sa.Text(), existing_type=sa.String(), existing_nullable=False)
    connection = op.get_bind()
    for id, note in connection.execute(sa.text("SELECT id, note FROM ticket_events WHERE note != ''")).all():
        connection.execute(
            sa.text("UPDATE ticket_events SET note = :note WHERE id = :id"), {"id": id, "note": encrypt(note)}
        )
    op.add_column("ticket_events", sa.Column("remark", sa.Text(), nullable=False, server_default=""))

    op.add_column("tickets", sa.Column("intent", sa.String(length=40)))
    op.add_column("tickets", sa.Column("deadline", sa.Date()))
    op.add_column("tickets", sa.Column("language", sa.String(length=20), nullable=False, server_default=""))
    op.add_column("tickets", sa.Column("phone_key", sa.String(length=64)))
    op.add_column("tickets", sa.Column("opponent", sa.Text(), nullable=False, server_default=""))
    op.add_column("tickets", sa.Column("summary", sa.Text(), nullable=False, server_default=""))
    op.add_column("tickets", sa.Column("aid_check", sa.Text(), nullable=False, server_default=""))
    op.add_column("tickets", sa.Column("result", sa.Text(), nullable=False, server_default=""))
    op.add_column("tickets", sa.Column("replied_at", sa.DateTime(timezone=True)))
    op.add_column("tickets", sa.Column("closed_at", sa.DateTime(timezone=True)))
    op.execute("ALTER TABLE tickets ADD COLUMN assignee_id INTEGER REFERENCES staff (id)")
    op.add_column("tickets", sa.Column("assigned_at", sa.DateTime(timezone=True)))
    op.add_column("tickets", sa.Column("declined", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("tickets", sa.Column("needs_dispatcher", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("tickets", sa.Column("waiting", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("tickets", sa.Column("supervised", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("tickets", sa.Column("extension_asked", sa.Integer(), nullable=False, server_default="0"))
    op.execute("ALTER TABLE tickets ADD COLUMN merged_into_id INTEGER REFERENCES tickets (id)")
    op.execute("ALTER TABLE tickets ADD COLUMN parent_id INTEGER REFERENCES tickets (id)")
    op.add_column("tickets", sa.Column("purged_at", sa.DateTime(timezone=True)))
    op.create_index("ix_tickets_conversation", "tickets", ["conversation"])
    op.create_index("ix_tickets_created_at", "tickets", ["created_at"])
    op.create_index("ix_tickets_load", "tickets", ["assignee_id", "status"])
    op.create_index("ix_tickets_phone_key", "tickets", ["phone_key"])
    op.create_index("ix_tickets_queue", "tickets", ["status", "urgent", "created_at"])


def downgrade() -> None:
    raise NotImplementedError("tickets that were worked on cannot go back")
