"""What each town's administrators have proposed about taking part."""

import json

from foundation.database import encode_cursor
from foundation.identifiers import new_id
from tests.isolation.matrix.towns import Town

_NOTICE = {"message_ja": "休止します。", "message_en": "Paused."}


async def seed(town: Town) -> None:
    """Leave two proposals: one to be confirmed, one to be taken back."""
    proposals = {"membership_act": new_id(), "membership_act_regretted": new_id()}
    for proposal in proposals.values():
        await town.run(
            "INSERT INTO platform.membership_acts (tenant_id, id, act, state, reason, notice,"
            " proposed_by, proposed_at)"
            " VALUES ($1, $2, 'pause', 'proposed', $3, $4::text::jsonb, 'chief', now())",
            town.tenancy.tenant_id,
            proposal,
            town.canaries.text("起案の理由"),
            json.dumps(_NOTICE),
        )
    town.things |= {name: str(proposal) for name, proposal in proposals.items()}
    town.things["membership_acts_cursor"] = encode_cursor(max(proposals.values()))
