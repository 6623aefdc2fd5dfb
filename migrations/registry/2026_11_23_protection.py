"""Measures of protection: who is protected from whom, and who saw the address."""

revision = "registry_protection"
down_revision = "registry_imports_streamed"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Holds its place in the lineage."""
