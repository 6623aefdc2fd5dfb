"""How binding at the counter and acting for another are asked."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from foundation import clock
from tests.isolation.matrix.towns import Town

from .asked import Asked, Example, Thing, at, page_after, plain


def _code(thing: str, **rest: Any) -> Example:
    def example(of: Thing, own: Town) -> Asked:
        del own
        return Asked(json={"code": of(thing), **rest})

    return example


def _bind(of: Thing, own: Town) -> Asked:
    del own
    return Asked(
        json={
            "code": of("bound_code"),
            "resident_id": of("taxed"),
            "evidence": "passport",
            "supersede": True,
        }
    )


def _release(of: Thing, own: Town) -> Asked:
    return Asked(
        path={"resident_id": of("protected")}, json={"reason": own.canaries.text("解除の理由")}
    )


def _record(of: Thing, own: Town) -> Asked:
    del own
    today = clock.today().isoformat()
    return Asked(
        json={
            "represented_id": of("resident"),
            "holder": {"code": of("helper_code")},
            "ground": "adult_guardian",
            "relationship": "母",
            "acts": ["benefits.see"],
            "evidence": {"kind": "court_decision", "seen_on": today},
            "starts_on": today,
            "recorder_is_holder": False,
        }
    )


def _request(of: Thing, own: Town) -> Asked:
    del own
    today = clock.today().isoformat()
    return Asked(
        json={
            "holder_code": of("asked_code"),
            "relationship": "母",
            "acts": ["benefits.see"],
            "starts_on": today,
            "ends_on": today,
        }
    )


def _draft(of: Thing, own: Town) -> Asked:
    asked = _request(of, own)
    return replace(asked, json={**(asked.json or {}), "holder_code": of("drafted_code")})


def _end(of: Thing, own: Town) -> Asked:
    del own
    return Asked(path={"representation_id": of("ended_right")}, json={"reason": "mistake"})


def _bar(of: Thing, own: Town) -> Asked:
    del own
    return Asked(json={"represented_id": of("resident"), "barred_id": of("taxed")})


def _unbar(of: Thing, own: Town) -> Asked:
    del own
    return Asked(path={"resident_id": of("protected"), "barred_id": of("taxed")})


EXAMPLES: Mapping[str, tuple[Example, ...]] = {
    "platform_show_slip": (plain,),
    "platform_withdraw_slip": (at("slip_id", "own_slip"),),
    "platform_find_slip": (_code("found_code"),),
    "platform_create_binding": (_bind,),
    "platform_confirm_binding": (at("slip_id", "confirmed_slip"),),
    "platform_decline_slip": (at("slip_id", "declined_slip"),),
    "platform_succeed_binding": (_code("succeeding_code"),),
    "platform_release_binding": (_release,),
    "platform_record_representation": (_record,),
    "platform_list_held_representations": (plain,),
    "platform_list_representations_over_me": (plain,),
    "platform_list_recorded_representations": (at("resident_id", "resident"),),
    "platform_list_representation_requests": (
        plain,
        page_after("representation_requests_cursor"),
    ),
    "platform_draft_representation": (_draft,),
    "platform_request_representation": (_request,),
    "platform_confirm_representation": (at("representation_id", "confirmed_right"),),
    "platform_decline_representation": (at("representation_id", "declined_right"),),
    "platform_withdraw_representation": (_end,),
    "platform_revoke_representation": (at("representation_id", "revoked_right"),),
    "platform_bar_from_representing": (_bar,),
    "platform_unbar_from_representing": (_unbar,),
}
