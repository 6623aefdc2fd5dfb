"""How a municipality comes on board, and how it leaves."""

revision = "platform_memberships"
down_revision = "platform_farewells"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Holds its place in the lineage."""
