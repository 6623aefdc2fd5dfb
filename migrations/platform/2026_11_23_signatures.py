"""Signatures: what somebody signed with their card, and the evidence of it."""

revision = "platform_signatures"
down_revision = "platform_browser"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
