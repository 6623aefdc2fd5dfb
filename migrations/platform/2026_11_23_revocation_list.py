"""One entry for one thing revoked, however often it is said."""

from alembic import op

revision = "platform_revocation_list"
down_revision = "platform_drawn_by"
branch_labels = None
depends_on = None

_SMALL = "-- squawk-ignore require-concurrent-index-creation\n"
"""Entries live ten minutes: the index is built in milliseconds."""

_ALONE = "-- squawk-ignore disallowed-unique-constraint, adding-field-with-default\n"
"""The same; and gateways wait for so long rather than read a list that is being rewritten."""


def upgrade() -> None:
    # Whoever writes meanwhile would bring a double back before the index forbids it.
    op.execute("LOCK TABLE platform.revocations IN ACCESS EXCLUSIVE MODE")
    op.execute("""
        WITH said AS (DELETE FROM platform.revocations RETURNING *)
        INSERT INTO platform.revocations
          (municipality_code, kind, value, revoked_at, expires_at)
        SELECT municipality_code, kind, value, max(revoked_at), max(expires_at)
        FROM said GROUP BY municipality_code, kind, value
    """)
    # The transaction that wrote an entry last: gateways read on from the oldest one still open
    # when they read before, so that nothing which commits late is passed over.
    op.execute(f"""{_ALONE}
        ALTER TABLE platform.revocations
          ADD COLUMN tx bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
          ADD COLUMN client_id text NOT NULL DEFAULT ''
    """)
    op.execute(
        f"{_SMALL}CREATE UNIQUE INDEX revocations_named"
        " ON platform.revocations (municipality_code, kind, value)"
    )
    op.execute(f"{_SMALL}CREATE INDEX revocations_news ON platform.revocations (tx)")
    # How many tokens of one client are on the list: nobody may make it longer than it is read.
    op.execute(
        f"{_SMALL}CREATE INDEX revocations_of_client"
        " ON platform.revocations (municipality_code, client_id) WHERE kind = 'token'"
    )
    op.execute(
        "ALTER TABLE platform.revocations ADD CONSTRAINT revocations_everywhere_check"
        " CHECK (municipality_code <> '*' OR kind = 'client') NOT VALID"
    )
    op.execute("GRANT UPDATE ON platform.revocations TO platform_app")
