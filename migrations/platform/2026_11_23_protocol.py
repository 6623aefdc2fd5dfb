"""The protocol: pushed requests, proofs of possession, and the keys of clients."""

revision = "platform_protocol"
down_revision = "platform_office"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
