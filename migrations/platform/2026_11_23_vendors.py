"""Vendors: who builds on the house, and which keys and leave they hold."""

revision = "platform_vendors"
down_revision = "platform_representation"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
