"""Settings that are data: declared once, given values with a first and a last day."""

revision = "platform_local_parameters"
down_revision = "platform_portability"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Holds its place in the lineage."""
