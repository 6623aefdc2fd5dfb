"""One entry for one thing revoked, however often it is said."""

revision = "platform_revocation_list"
down_revision = "platform_drawn_by"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Holds its place in the lineage."""
