"""Traffic: what is open, what is paused, and who came through the door."""

revision = "platform_traffic"
down_revision = "platform_vendors"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
