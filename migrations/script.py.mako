"""${message}"""

from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    """One DDL statement per execute; locks wait five seconds at most (migrations/env.py)."""
    ${upgrades if upgrades else "pass"}
