"""How a municipality's own membership is asked about and moved."""

from collections.abc import Mapping

from tests.isolation.matrix.towns import Town

from .asked import Asked, Example, Thing, at, if_match, page_after, plain


def _papers(of: Thing, own: Town) -> Asked:
    del of
    contact = {
        "unit": own.canaries.text("係"),
        "email": "unit@city.example",
        "telephone": "0157-23-7111",
    }
    contacts = {"operational": contact, "privacy": contact, "security": contact}
    return Asked(json={"contacts": contacts, "disclosure": "none"}, headers=if_match("1"))


def _service(of: Thing, own: Town) -> Asked:
    del of, own
    return Asked(
        path={"service_name": "benefits"}, json={"takes_part": True}, headers=if_match("2")
    )


def _drill(of: Thing, own: Town) -> Asked:
    del of
    return Asked(
        json={"drilled_on": "2026-01-05", "minutes": 40, "finding": own.canaries.text("訓練")}
    )


def _propose(of: Thing, own: Town) -> Asked:
    del of
    notice = {"message_ja": "終了します。", "message_en": "Leaving."}
    return Asked(json={"act": "leave", "reason": own.canaries.text("理由"), "notice": notice})


EXAMPLES: Mapping[str, tuple[Example, ...]] = {
    "platform_read_membership": (plain,),
    "platform_set_membership_papers": (_papers,),
    "platform_set_membership_service": (_service,),
    "platform_record_restore_drill": (_drill,),
    "platform_list_membership_acts": (plain, page_after("membership_acts_cursor")),
    "platform_propose_membership_act": (_propose,),
    "platform_confirm_membership_act": (at("act_id", "membership_act"),),
    "platform_withdraw_membership_act": (at("act_id", "membership_act_regretted"),),
    "platform_list_membership_notices": (plain,),
}
