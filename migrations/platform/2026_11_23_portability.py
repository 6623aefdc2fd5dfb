"""What a municipality takes with it, and the proof of what was erased."""

revision = "platform_portability"
down_revision = "platform_parameters"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Holds its place in the lineage."""
