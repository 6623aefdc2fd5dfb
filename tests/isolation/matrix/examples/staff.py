"""How the operations on a town's own directories and duties are asked."""

from collections.abc import Mapping
from typing import Any

from foundation import clock
from tests.isolation.matrix.seeds.staff import APRIL
from tests.isolation.matrix.towns import Town

from .asked import Asked, Example, Thing, at, if_match, page_after, plain

PUBLIC = {
    "platform_own_callback": "a step of a sign-in, before anybody is known",
    "platform_choose_provider": "a step of a sign-in, before anybody is known",
    "platform_trial": "the first step of a trial, known by a secret",
}
"""Operations of the desk that no municipality's papers are asked for."""

_VERSION = {"headers": if_match("1")}


def _registration(own: Town, name: str) -> dict[str, Any]:
    return {
        "name": own.canaries.text(name),
        "issuer": f"https://{own.canaries.code(name)}.example",
        "client_id": "tamaire",
        "scope": "openid",
        "roles": [{"group": own.canaries.text("課"), "role": "clerk"}],
    }


def _register(of: Thing, own: Town) -> Asked:
    del of
    return Asked(json=_registration(own, "new"))


def _change(of: Thing, own: Town) -> Asked:
    path = {"provider_id": of("provider_to-change")}
    return Asked(path=path, json=_registration(own, "to-change"), headers=if_match("1"))


def _map(of: Thing, own: Town) -> Asked:
    path = {"provider_id": of("provider_to-map")}
    roles = [{"group": own.canaries.text("課"), "role": "clerk"}]
    return Asked(path=path, json={"roles": roles}, headers=if_match("1"))


def _explain(of: Thing, own: Town) -> Asked:
    path = {"provider_id": of("provider_draft")}
    return Asked(path=path, json={"groups": [own.canaries.text("課")]})


def _give(of: Thing, own: Town) -> Asked:
    del of
    return Asked(
        json={
            "employee_id": own.canaries.code("given"),
            "role": "clerk",
            "starts_on": clock.today().isoformat(),
            "reason": own.canaries.text("理由"),
        }
    )


def _load(of: Thing, own: Town) -> Asked:
    del of
    entry = {"employee_id": own.canaries.code("loaded"), "roles": ["clerk"]}
    reason = own.canaries.text("異動")
    return Asked(json={"effective_on": APRIL, "reason": reason, "entries": [entry]})


def _load_file(of: Thing, own: Town) -> Asked:
    del of
    return Asked(
        query={"effective_on": APRIL, "reason": own.canaries.text("異動")},
        content=f"職員番号,役割,終了日\n{own.canaries.code('filed')},窓口,\n".encode(),
        headers={"Content-Type": "text/csv"},
    )


def _who(of: Thing, own: Town) -> Asked:
    del own
    return Asked(query={"subject": of("official")})


EXAMPLES: Mapping[str, tuple[Example, ...]] = {
    "platform_register_identity_provider": (_register,),
    "platform_list_identity_providers": (plain,),
    "platform_read_identity_provider": (at("provider_id", "provider_main"),),
    "platform_change_identity_provider": (_change,),
    "platform_examine_identity_provider": (at("provider_id", "provider_to-examine"),),
    "platform_map_identity_provider_roles": (_map,),
    "platform_explain_identity_provider_roles": (_explain,),
    "platform_ask_for_identity_provider_trial": (at("provider_id", "provider_draft"),),
    "platform_list_identity_provider_trials": (at("provider_id", "provider_to-activate"),),
    "platform_activate_identity_provider": (at("provider_id", "provider_to-activate", **_VERSION),),
    "platform_retire_identity_provider": (
        at("provider_id", "provider_to-retire", json={}, **_VERSION),
    ),
    "platform_keep_identity_provider": (at("provider_id", "provider_to-keep", **_VERSION),),
    "platform_propose_role_grant": (_give,),
    "platform_list_role_grants": (plain, page_after("role_grants_cursor")),
    "platform_read_role_grant": (at("grant_id", "grant_clerk"),),
    "platform_decide_role_grant": (
        at("grant_id", "grant_to-decide", json={"decision": "approved"}, **_VERSION),
    ),
    "platform_shorten_role_grant": (
        at(
            "grant_id",
            "grant_to-shorten",
            json={"ends_on": clock.today().isoformat()},
            **_VERSION,
        ),
    ),
    "platform_revoke_role_grant": (at("grant_id", "grant_to-revoke", **_VERSION),),
    "platform_load_reassignment": (_load,),
    "platform_load_reassignment_file": (_load_file,),
    "platform_read_reassignment": (at("reassignment_id", "reassignment_read"),),
    "platform_confirm_reassignment": (
        at("reassignment_id", "reassignment_to-confirm", **_VERSION),
    ),
    "platform_discard_reassignment": (
        at("reassignment_id", "reassignment_to-discard", **_VERSION),
    ),
    "platform_list_officials": (_who, page_after("officials_cursor")),
    "platform_list_duties": (plain, page_after("duties_cursor")),
}
