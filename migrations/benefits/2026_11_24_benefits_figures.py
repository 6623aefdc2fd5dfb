"""The platform counts what is open in a municipality, and is shown nothing else of it."""

from alembic import op

revision = "benefits_figures"
down_revision = "benefits_signers"
branch_labels = None
depends_on = None

_OPEN = "ARRAY['offered', 'confirmed', 'returned', 'granted', 'in_transfer']"


def upgrade() -> None:
    # No person, no household, no account: a programme and an amount, to be counted and added up.
    # Row security is the asker's, so that only the municipality it works for is counted.
    op.execute(f"""
        CREATE VIEW benefits.platform_open_applications WITH (security_invoker = true) AS
        SELECT tenant_id, programme_id, amount_yen FROM benefits.applications
        WHERE state = ANY ({_OPEN})
    """)
    op.execute("""
        CREATE VIEW benefits.platform_programmes WITH (security_invoker = true) AS
        SELECT tenant_id, id AS programme_id, name FROM benefits.programmes
    """)
    op.execute("GRANT USAGE ON SCHEMA benefits TO platform_app")
    op.execute(
        "GRANT SELECT ON benefits.platform_open_applications, benefits.platform_programmes"
        " TO platform_app"
    )
    op.execute(
        "GRANT SELECT (tenant_id, programme_id, amount_yen, state)"
        " ON benefits.applications TO platform_app"
    )
    op.execute("GRANT SELECT (tenant_id, id, name) ON benefits.programmes TO platform_app")
