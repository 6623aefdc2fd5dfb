"""What a municipality and a client may ask for at once, set by the platform's operators."""

from alembic import op

revision = "platform_allowances"
down_revision = "platform_leave_kept"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Keep who changed an allowance, when, and from what to what; nobody's service may write it."""
    op.execute("""
        CREATE TABLE platform.traffic_limit_changes (
          id uuid NOT NULL DEFAULT uuidv7(),
          municipality_code text NOT NULL CHECK (municipality_code ~ '^[0-9]{6}$'),
          client_id text NOT NULL,
          before jsonb,
          after jsonb,
          changed_by text NOT NULL CHECK (length(changed_by) BETWEEN 1 AND 200),
          changed_at timestamptz NOT NULL DEFAULT now(),
          PRIMARY KEY (id),
          CONSTRAINT traffic_limit_changes_change_something_check
            CHECK (before IS NOT NULL OR after IS NOT NULL)
        )
    """)
    op.execute(
        "CREATE INDEX traffic_limit_changes_place"
        " ON platform.traffic_limit_changes (municipality_code, client_id, changed_at)"
    )
