"""Staff: the providers a municipality registered, and the duties it gave, also ahead of time."""

revision = "platform_staff"
down_revision = "platform_signatures"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
