"""How each operation of the benefits section and the treasury is asked."""

from collections.abc import Mapping
from typing import Any

from foundation import clock
from tests.isolation.matrix.seeds.benefits import account_of, terms_of
from tests.isolation.matrix.towns import Town
from tests.services.benefits.town import next_banking_day

from .asked import Asked, Example, Thing, at, if_match, page_after, plain


def _define(of: Thing, own: Town) -> Asked:
    del of
    return Asked(json=terms_of(own, "defined"))


def _redefine(of: Thing, own: Town) -> Asked:
    path = {"programme_id": of("programme_draft")}
    return Asked(path=path, json=terms_of(own, "redefined"), headers=if_match("1"))


def _list(of: Thing, own: Town) -> Asked:
    del own
    return Asked(query={"programme_id": of("programme_offered")})


def _confirm(of: Thing, own: Town) -> Asked:
    path = {"application_id": of("application_offered")}
    return Asked(path=path, json={"bank_account": account_of(own)})


def _change_account(of: Thing, own: Town) -> Asked:
    account = account_of(own) | {"account_type": "savings"}
    return Asked(
        path={"application_id": of("application_to-change")},
        json={"bank_account": account},
        headers=if_match(own.things["version_to-change"]),
    )


def _reasoned(parameter: str, thing: str, **rest: Any) -> Example:
    def example(of: Thing, own: Town) -> Asked:
        body = rest | {"reason": own.canaries.text("理由")}
        return Asked(path={parameter: of(thing)}, json=body)

    return example


def _set_payer(of: Thing, own: Town) -> Asked:
    del of
    body = {"originator_code": own.canaries.originator_code, "bank_account": account_of(own)}
    return Asked(json=body, headers=if_match("1"))


def _propose(of: Thing, own: Town) -> Asked:
    del own
    body = {"programme_id": of("programme_to-propose"), "transfer_on": str(next_banking_day())}
    return Asked(json=body)


def _settle(of: Thing, own: Town) -> Asked:
    del own
    day = max(next_banking_day(), clock.today())
    path = {"proposal_id": of("proposal_to-settle")}
    return Asked(path=path, json={"executed_on": str(day)})


def _draw_up(of: Thing, own: Town) -> Asked:
    path = {"application_id": of("application_offered")}
    return Asked(path=path, json={"bank_account": account_of(own)})


EXAMPLES: Mapping[str, tuple[Example, ...]] = {
    "benefits_define_programme": (_define,),
    "benefits_list_programmes": (plain, page_after("programmes_cursor")),
    "benefits_read_programme": (
        at("programme_id", "programme_offered"),
        at("programme_id", "programme_draft"),
    ),
    "benefits_redefine_programme": (_redefine,),
    "benefits_publish_programme": (at("programme_id", "programme_to-publish"),),
    "benefits_close_programme": (at("programme_id", "programme_to-close"),),
    "benefits_extract_roster": (at("programme_id", "programme_to-extract"),),
    "benefits_read_roster": (
        at("programme_id", "programme_offered"),
        page_after("applications_cursor", programme_id="programme_offered"),
    ),
    "benefits_read_progress": (at("programme_id", "programme_offered"),),
    "benefits_read_offers": (plain,),
    "benefits_list_applications": (plain, _list, page_after("applications_cursor")),
    "benefits_read_document": (at("application_id", "application_offered"),),
    "benefits_draw_up_document": (_draw_up,),
    "benefits_read_application": (
        at("application_id", "application_offered"),
        at("application_id", "application_granted"),
    ),
    "benefits_confirm_application": (_confirm,),
    "benefits_decline_application": (at("application_id", "application_to-decline"),),
    "benefits_change_bank_account": (_change_account,),
    "benefits_decide_application": (
        _reasoned("application_id", "application_to-decide", decision="granted"),
    ),
    "benefits_read_decision": (at("application_id", "application_granted"),),
    "benefits_return_application": (_reasoned("application_id", "application_to-return"),),
    "benefits_read_return": (at("application_id", "application_returned"),),
    "benefits_read_payer": (plain,),
    "benefits_set_payer": (_set_payer,),
    "benefits_propose_transfer": (_propose,),
    "benefits_list_transfer_proposals": (plain, page_after("proposals_cursor")),
    "benefits_read_transfer_proposal": (at("proposal_id", "proposal_to-approve"),),
    "benefits_approve_transfer": (at("proposal_id", "proposal_to-approve"),),
    "benefits_reject_transfer": (_reasoned("proposal_id", "proposal_to-reject"),),
    "benefits_download_transfer_file": (at("proposal_id", "proposal_to-download"),),
    "benefits_settle_transfer": (_settle,),
    "benefits_list_events": (plain, page_after("benefits_events_cursor")),
}
