"""An application tells whether the applicant signed it, or somebody who acts for them."""

from alembic import op

revision = "benefits_signers"
down_revision = "benefits_signatures"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The right on which somebody signed who is not the applicant; none where it is their own hand.
    op.execute("ALTER TABLE benefits.application_signatures ADD COLUMN representation_id uuid")
