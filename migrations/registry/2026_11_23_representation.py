"""Representation: what the platform must know of a record before somebody acts for it."""

from alembic import op

revision = "registry_representation"
down_revision = "registry_register"
branch_labels = None
depends_on = None

_NEEDED = "tenant_id, id, household_id, birth_text, birth_on, resident_until, protection"


def upgrade() -> None:
    # No name and no address: a birthday, because a child comes of age; the household and the
    # protection, because nobody may represent a person who is protected from them.
    op.execute("""
        CREATE VIEW registry.platform_residents WITH (security_invoker = true) AS
        SELECT tenant_id, id AS resident_id, household_id, birth_text, birth_on,
               resident_until IS NULL AS present, protection <> '' AS protected
        FROM registry.residents
    """)
    op.execute("GRANT USAGE ON SCHEMA registry TO platform_app")
    op.execute("GRANT SELECT ON registry.platform_residents TO platform_app")
    op.execute(f"GRANT SELECT ({_NEEDED}) ON registry.residents TO platform_app")
