"""The office: what the platform tells, still has to do, and already answered."""

from migrations.tenancy import create_service_tables

revision = "platform_office"
down_revision = "platform_identity"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_service_tables("platform")
