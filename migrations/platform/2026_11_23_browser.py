"""The browser: what people consented to, their sessions at a front end, and how they end."""

revision = "platform_browser"
down_revision = "platform_protocol"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
