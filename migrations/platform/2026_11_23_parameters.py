"""Local policy is data: what the nation declares, a municipality may set."""

revision = "platform_parameters"
down_revision = "platform_memberships"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Holds its place in the lineage."""
