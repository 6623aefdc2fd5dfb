"""A sign-in ends where it began."""

revision = "platform_farewells"
down_revision = "platform_allowances"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Holds its place in the lineage."""
