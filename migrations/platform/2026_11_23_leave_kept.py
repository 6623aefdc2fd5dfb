"""What a municipality gave its leave to stays as it was shown."""

revision = "platform_leave_kept"
down_revision = "platform_rights_end"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Holds its place in the lineage."""
