"""A file arrives in parts, is judged as a whole, and can be taken up again."""

revision = "registry_imports_streamed"
down_revision = "registry_representation"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Holds its place in the lineage."""
