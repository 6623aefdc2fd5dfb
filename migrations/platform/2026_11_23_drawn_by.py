"""Who drew up a directory's registration, whoever looked at it since: another puts it to use."""

from alembic import op

revision = "platform_drawn_by"
down_revision = "platform_traffic"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE platform.identity_providers ADD COLUMN drawn_by text NOT NULL DEFAULT ''"
    )
    op.execute("UPDATE platform.identity_providers SET drawn_by = changed_by")
