"""What a municipality gave its leave to stays as it was shown."""

from alembic import op

revision = "platform_leave_kept"
down_revision = "platform_rights_end"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _shown()
    _counted()
    _written()


def _shown() -> None:
    # Since when a municipality has a client, and whose it is, before its eyes: from then on what
    # it was shown is not changed any more. How many requests wait is kept beside it, because
    # nobody may count over all municipalities' rows.
    op.execute("ALTER TABLE platform.vendors ADD COLUMN shown_at timestamptz")
    op.execute("ALTER TABLE platform.client_registrations ADD COLUMN shown_at timestamptz")
    op.execute(
        "ALTER TABLE platform.client_registrations"
        " ADD COLUMN open_requests integer NOT NULL DEFAULT 0"
    )
    op.execute("""
        UPDATE platform.client_registrations AS registration
        SET shown_at = asked.first, open_requests = asked.waiting
        FROM (
          SELECT client_id, min(requested_at) AS first,
            count(*) FILTER (WHERE state = 'requested') AS waiting
          FROM platform.access_requests GROUP BY client_id
        ) AS asked
        WHERE asked.client_id = registration.client_id
    """)
    op.execute("""
        UPDATE platform.vendors AS vendor SET shown_at = shown.first
        FROM (
          SELECT vendor_id, min(shown_at) AS first
          FROM platform.client_registrations WHERE shown_at IS NOT NULL GROUP BY vendor_id
        ) AS shown
        WHERE shown.vendor_id = vendor.id
    """)


def _counted() -> None:
    op.execute("""
        CREATE TABLE platform.daily_counts (
          whose text NOT NULL,
          act text NOT NULL,
          day date NOT NULL,
          taken integer NOT NULL,
          PRIMARY KEY (whose, act, day)
        )
    """)
    op.execute("CREATE INDEX daily_counts_day ON platform.daily_counts (day)")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON platform.daily_counts TO platform_app")


def _written() -> None:
    op.execute(
        "ALTER TABLE platform.identity_providers ADD COLUMN written_by text[] NOT NULL DEFAULT '{}'"
    )
    op.execute("UPDATE platform.identity_providers SET written_by = ARRAY[drawn_by, changed_by]")
