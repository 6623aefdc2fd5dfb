"""Representation: who may act for whom, since when, on what evidence, and until when."""

revision = "platform_representation"
down_revision = "platform_staff"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
