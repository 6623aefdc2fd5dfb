"""A prefecture acts for a municipality, only under a recorded consent that ends."""

revision = "platform_assistance"
down_revision = "platform_local_parameters"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Holds its place in the lineage."""
