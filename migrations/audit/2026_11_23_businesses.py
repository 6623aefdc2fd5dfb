"""Businesses: somebody signed in for one may also be the actor of an entry."""

from alembic import op

revision = "audit_businesses"
down_revision = "audit_trail"
branch_labels = None
depends_on = None

_KINDS = "actor_kind IN ('resident', 'official', 'business', 'machine')"


def upgrade() -> None:
    # Not validated first: every row that stands met the narrower rule, and the trail is long.
    op.execute("ALTER TABLE audit.entries DROP CONSTRAINT entries_actor_kind_check")
    op.execute(
        f"ALTER TABLE audit.entries ADD CONSTRAINT entries_actor_kind_check CHECK ({_KINDS})"
        " NOT VALID"
    )
    op.execute("ALTER TABLE audit.entries VALIDATE CONSTRAINT entries_actor_kind_check")
