"""Alembic environment: the URL comes from `referrals.store.migrate`."""

from alembic import context

from referrals import models
from referrals.store import database_url, make_engine

url = context.config.attributes.get("url") or database_url()

engine = make_engine(url)
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=models.Ticket.metadata,
        render_as_batch=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
engine.dispose()
