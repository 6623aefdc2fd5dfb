"""A sign-in ends where it began.

What the provider calls its own session is kept as a name of ours, so that its word that the
session is over finds the sign-ins begun in it. Those that are open now have none, and end with
the person's.
"""

from alembic import op

revision = "platform_farewells"
down_revision = "platform_allowances"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE platform.sessions ADD COLUMN upstream_session bytea")
    op.execute(
        "CREATE INDEX sessions_upstream ON platform.sessions"
        " (tenant_id, upstream_session, expires_at)"
    )
