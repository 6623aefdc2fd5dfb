"""Finding people by what the counter knows of them."""

revision = "registry_search"
down_revision = "registry_protection"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Holds its place in the lineage."""
