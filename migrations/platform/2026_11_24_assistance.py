"""A prefecture acts for a municipality, only under a recorded consent that ends.

The consent is the municipality's own. Of one that was confirmed, the office it was given to reads
the terms, and nothing else, from a list that names no person. Beside it lie the figures that
municipalities let out: counts, and of nobody.
"""

from alembic import op

from migrations.tenancy import tenantize

revision = "platform_assistance"
down_revision = "platform_local_parameters"
branch_labels = None
depends_on = None

_WIDENED = "-- squawk-ignore ban-drop-constraint\n"
"""A check that is replaced by a wider one takes no promise back."""

_CODE = "text NOT NULL CHECK ({} ~ '^[0-9]{{6}}$')"
_ROLES = """text[] NOT NULL CHECK (cardinality(roles) > 0
            AND roles <@ ARRAY['registrar', 'benefits_officer', 'clerk', 'counsellor'])"""


def upgrade() -> None:
    _consents()
    _offers()
    _figures()
    _revocations()


def _consents() -> None:
    # A year at most, and two people: what the code says, the table says once more.
    op.execute(f"""
        CREATE TABLE platform.assistance_consents (
          tenant_id integer NOT NULL,
          id uuid NOT NULL,
          office_code {_CODE.format("office_code")},
          roles {_ROLES},
          purpose text NOT NULL,
          ground text NOT NULL,
          starts_on date NOT NULL,
          ends_on date NOT NULL,
          state text NOT NULL CHECK (state IN ('proposed', 'confirmed', 'withdrawn')),
          proposed_by text NOT NULL,
          proposed_at timestamptz NOT NULL,
          confirmed_by text,
          confirmed_at timestamptz,
          withdrawn_by text,
          withdrawn_at timestamptz,
          version integer NOT NULL DEFAULT 1,
          PRIMARY KEY (tenant_id, id),
          CONSTRAINT assistance_consents_last_at_most_a_year_check
            CHECK (ends_on >= starts_on AND ends_on < starts_on + interval '1 year'),
          CONSTRAINT assistance_consents_take_two_people_check
            CHECK (confirmed_by IS NULL OR confirmed_by <> proposed_by),
          CONSTRAINT assistance_consents_are_confirmed_by_somebody_check
            CHECK ((confirmed_by IS NULL) = (confirmed_at IS NULL)
              AND (state <> 'confirmed' OR confirmed_by IS NOT NULL)
              AND (state <> 'proposed' OR confirmed_by IS NULL)),
          CONSTRAINT assistance_consents_are_withdrawn_by_somebody_check
            CHECK ((state = 'withdrawn') = (withdrawn_by IS NOT NULL)
              AND (withdrawn_by IS NULL) = (withdrawn_at IS NULL))
        )
    """)
    tenantize("platform.assistance_consents", "SELECT, INSERT, UPDATE")


def _offers() -> None:
    # What one authority lent another and until when, without the name of an official. Nothing is
    # given on a row of this list: the municipality's own consent is asked each time.
    op.execute(f"""
        CREATE TABLE platform.assistance_offers (
          id uuid PRIMARY KEY,
          municipality_code {_CODE.format("municipality_code")},
          office_code {_CODE.format("office_code")},
          roles {_ROLES},
          purpose text NOT NULL,
          ground text NOT NULL,
          starts_on date NOT NULL,
          ends_on date NOT NULL,
          withdrawn_at timestamptz
        )
    """)
    op.execute(
        "CREATE INDEX assistance_offers_office ON platform.assistance_offers (office_code, id)"
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON platform.assistance_offers TO platform_app")


def _figures() -> None:
    # Written by each municipality's own count, as far as its disclosure goes; `programme` is empty
    # where the figure is of the whole municipality.
    op.execute(f"""
        CREATE TABLE platform.municipal_figures (
          municipality_code {_CODE.format("municipality_code")},
          measure text NOT NULL CHECK (measure IN ('residents', 'open_applications')),
          programme text NOT NULL DEFAULT '',
          label text NOT NULL DEFAULT '',
          reach text NOT NULL CHECK (reach IN ('prefecture', 'nation')),
          amount bigint NOT NULL CHECK (amount >= 0),
          yen bigint NOT NULL DEFAULT 0 CHECK (yen >= 0),
          counted_at timestamptz NOT NULL,
          PRIMARY KEY (municipality_code, measure, programme)
        )
    """)
    op.execute("GRANT SELECT, INSERT, DELETE ON platform.municipal_figures TO platform_app")


def _revocations() -> None:
    op.execute(f"{_WIDENED}ALTER TABLE platform.revocations DROP CONSTRAINT revocations_kind_check")
    op.execute(
        "ALTER TABLE platform.revocations ADD CONSTRAINT revocations_kind_check CHECK (kind IN"
        " ('token', 'session', 'client', 'subject', 'representation', 'assistance')) NOT VALID"
    )
