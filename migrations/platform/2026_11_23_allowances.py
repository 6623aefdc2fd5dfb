"""What a municipality and a client may ask for at once, set by the platform's operators."""

revision = "platform_allowances"
down_revision = "platform_leave_kept"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Holds its place in the lineage."""
