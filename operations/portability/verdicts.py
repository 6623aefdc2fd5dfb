"""For every table that holds something of a municipality: whether it travels, and if not, why.

A table that nobody judged travels: better too much than something forgotten. A test fails until
it is judged all the same.
"""

from typing import Final

SIGN_INS: Final = "a sign-in under way or a session: it holds for the door it came in by, only"
TOKENS: Final = "a token of the old door; nobody believes it at another one"

LEFT: Final[dict[str, str]] = {
    "platform.authorization_codes": TOKENS,
    "platform.browser_sessions": SIGN_INS,
    "platform.municipal_figures": "counts; wherever the rows are, they are counted anew",
    "platform.consent_requests": SIGN_INS,
    "platform.front_end_sign_ins": SIGN_INS,
    "platform.pushed_requests": SIGN_INS,
    "platform.refresh_tokens": TOKENS,
    "platform.revocations": TOKENS,
    "platform.sessions": SIGN_INS,
    "platform.sign_in_transactions": SIGN_INS,
}
"""What stays behind, each with its reason; the manifest repeats them."""

CARRIED: Final = frozenset(
    {
        *(
            f"{service}.{table}"
            for service in ("registry", "benefits", "window_dx", "consultation", "platform")
            for table in ("outbox", "inbox", "jobs", "idempotency_keys")
        ),
        "audit.checkpoints",
        "audit.entries",
        "audit.entry_subjects",
        "benefits.application_signatures",
        "benefits.applications",
        "benefits.bank_accounts",
        "benefits.correction_requests",
        "benefits.decisions",
        "benefits.payers",
        "benefits.programmes",
        "benefits.transfer_file_downloads",
        "benefits.transfer_files",
        "benefits.transfer_proposal_lines",
        "benefits.transfer_proposals",
        "benefits.transfers",
        "consultation.case_members",
        "consultation.cases",
        "consultation.progress_records",
        "platform.access_log_gaps",
        "platform.access_logs",
        "platform.access_requests",
        "platform.assistance_consents",
        "platform.assistance_offers",
        "platform.business_accounts",
        "platform.business_issuers",
        "platform.client_grants",
        "platform.consents",
        "platform.counter_slips",
        "platform.identity_providers",
        "platform.membership_acts",
        "platform.membership_notices",
        "platform.membership_papers",
        "platform.official_accounts",
        "platform.official_issuers",
        "platform.officials",
        "platform.paper_routes",
        "platform.parameter_publications",
        "platform.parameter_values",
        "platform.past_bindings",
        "platform.planned_pauses",
        "platform.provider_roles",
        "platform.reassignments",
        "platform.representation_bars",
        "platform.representations",
        "platform.resident_bindings",
        "platform.resident_issuers",
        "platform.restore_drills",
        "platform.role_grants",
        "platform.role_mappings",
        "platform.service_switches",
        "platform.signatures",
        "platform.signs",
        "platform.traffic_limit_changes",
        "platform.traffic_limits",
        "platform.trial_sign_ins",
        "registry.address_openings",
        "registry.households",
        "registry.import_faults",
        "registry.import_layouts",
        "registry.import_parts",
        "registry.imports",
        "registry.protected_addresses",
        "registry.protected_persons",
        "registry.protection_alerts",
        "registry.protection_measures",
        "registry.protection_perpetrators",
        "registry.protection_steps",
        "registry.resident_history",
        "registry.residents",
        "registry.staging_rows",
        "window_dx.reception_acts",
        "window_dx.reception_counters",
        "window_dx.receptions",
        "window_dx.windows",
    }
)
"""What travels, judged by somebody."""

COMPANIONS: Final[dict[str, str]] = {
    "platform.clients": "the vendors' clients that the municipality gave leave",
    "platform.client_keys": "their public keys",
    "platform.client_registrations": "what they said of themselves when they registered",
    "platform.vendors": "who they are",
    "platform.revocation_lists": "what an authority had published when a signature was judged",
}
"""Tables of nobody's, of which the rows a municipality's own point at travel along."""
