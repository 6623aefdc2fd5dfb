"""A right to act for another ends with what it rests on."""

revision = "platform_rights_end"
down_revision = "platform_revocation_list"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Holds its place in the lineage."""
