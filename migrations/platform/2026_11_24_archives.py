"""What two administrators asked to take with them."""

revision = "platform_archives"
down_revision = "platform_assistance"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Holds its place in the lineage."""
