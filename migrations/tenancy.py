"""What a migration says to make a table a tenant's, and give a service its own three."""

from alembic import op

from migrations.service_tables import (
    create_idempotency_keys,
    create_inbox,
    create_jobs,
    create_outbox,
)

DML = "SELECT, INSERT, UPDATE, DELETE"


def tenantize(table: str, grants: str = DML) -> None:
    """Put a table under forced row-level security and grant it to its schema's application role.

    Args:
        table: `schema.table`, whose primary key begins with `tenant_id`.
        grants: privileges of `<schema>_app`; a table that is only ever added to says
            `SELECT, INSERT`.
    """
    op.execute(f"SELECT platform.tenantize('{table}', '{grants}')")


def create_service_tables(schema: str) -> None:
    """Create the outbox, the inbox, the jobs and the idempotency keys of a service."""
    create_outbox(schema)
    create_inbox(schema)
    create_jobs(schema)
    create_idempotency_keys(schema)
