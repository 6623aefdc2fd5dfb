"""How a town consents to be helped, and what other offices see of it."""

from collections.abc import Mapping
from datetime import timedelta

from foundation import clock
from tests.isolation.matrix.seeds.assistance import OFFICE
from tests.isolation.matrix.towns import Town

from .asked import Asked, Example, Thing, at, page_after, plain


def _propose(of: Thing, own: Town) -> Asked:
    del of
    today = clock.today()
    return Asked(
        json={
            "office_code": OFFICE,
            "roles": ["clerk"],
            "purpose": own.canaries.text("応援の目的"),
            "ground": own.canaries.text("応援の根拠"),
            "starts_on": today.isoformat(),
            "ends_on": (today + timedelta(days=30)).isoformat(),
        }
    )


EXAMPLES: Mapping[str, tuple[Example, ...]] = {
    "platform_propose_assistance_consent": (_propose,),
    "platform_list_assistance_consents": (plain, page_after("assistance_cursor")),
    "platform_read_assistance_consent": (at("consent_id", "assistance"),),
    "platform_confirm_assistance_consent": (at("consent_id", "assistance_awaited"),),
    "platform_withdraw_assistance_consent": (at("consent_id", "assistance_regretted"),),
    "platform_list_assistance_offers": (plain, page_after("assistance_cursor")),
    "platform_read_aggregates": (plain,),
}
