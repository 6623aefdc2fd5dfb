"""How each operation of the platform's office is asked, and which the desk answers to anybody."""

from collections.abc import Mapping

from tests.isolation.matrix.seeds.signatures import RETURN_TO
from tests.isolation.matrix.towns import Town

from .acting import EXAMPLES as OF_ACTING
from .asked import Asked, Example, Thing, at, if_match, page_after, plain
from .assistance import EXAMPLES as OF_ASSISTANCE
from .membership import EXAMPLES as OF_MEMBERSHIP
from .parameters import EXAMPLES as OF_PARAMETERS
from .staff import EXAMPLES as OF_STAFF, PUBLIC as OPEN_TO_ALL

PUBLIC = {
    **OPEN_TO_ALL,
    "platform_authorize": "the first step of a sign-in, before anybody is known",
    "platform_continue": "a step of a sign-in, before anybody is known",
    "platform_callback": "a step of a sign-in, before anybody is known",
    "platform_sign": "a step of a signing, known by a secret",
    "platform_signed": "a step of a signing, known by a secret",
    "platform_par": "a client proves itself and leaves the first step of a sign-in",
    "platform_introspect": "a client proves itself and shows the token it asks about",
    "platform_post_userinfo": "the same, asked by POST",
    "platform_userinfo": "says of a token whose it is, to whoever shows it and holds its key",
    "platform_consent_page": "a step of a sign-in, known by a secret and a cookie",
    "platform_consent_answer": "a step of a sign-in, known by a secret and a cookie",
    "platform_logout": "ends the sign-in that an ID token or a cookie names",
    "platform_logout_confirm": "ends the sign-in that an ID token or a cookie names",
    "platform_upstream_logout": "a provider's own word, proven by its signature alone",
    "platform_session_sign_in": "the first step of a sign-in, before anybody is known",
    "platform_session_callback": "a step of a sign-in, known by a secret and a cookie",
    "platform_session": "what a browser's own cookie stands for",
    "platform_session_sign_out": "ends what a browser's own cookie stands for",
    "platform_token": "a client proves itself with the grant it brings",
    "platform_revoke": "a client proves itself with the token it gives back",
    "platform_jwks": "public keys",
    "platform_client_jwks": "public keys",
    "platform_oauth_metadata": "a public description",
    "platform_openid_metadata": "a public description",
    "platform_register_client": "a vendor registers herself",
    "platform_read_client": "a vendor's own, by the token of the registration",
    "platform_change_client": "a vendor's own, by the token of the registration",
    "platform_delete_client": "a vendor's own, by the token of the registration",
    "platform_list_client_keys": "a vendor's own, by the token of the registration",
    "platform_add_client_key": "a vendor's own, by the token of the registration",
    "platform_revoke_client_key": "a vendor's own, by the token of the registration",
    "platform_suspend_client": "a vendor's own, by the token of the registration",
    "platform_resume_client": "a vendor's own, by the token of the registration",
    "platform_rotate_registration_token": "a vendor's own, by the token of the registration",
    "platform_request_access": "a vendor's own, by the token of the registration",
    "platform_list_own_access_requests": "a vendor's own, by the token of the registration",
    "platform_withdraw_access_request": "a vendor's own, by the token of the registration",
    "platform_list_scopes": "a public description",
    "platform_onboard_municipality": "the operators' one machine, which has the nation's token",
    "platform_order_membership_act": "the operators' one machine, which has the nation's token",
    "platform_read_municipality_membership": "the operators' one machine, likewise",
    "platform_municipalities": "the public directory",
    "platform_municipality": "the public directory",
    "platform_municipality_services": "what is open, before anybody signs in",
    "platform_openapi": "the published interface",
    "platform_list_problems": "the published interface",
    "platform_read_problem": "the published interface",
}
"""Operations that no municipality's papers are asked for."""


def _take_back(name: str, thing: str) -> Example:
    def example(of: Thing, own: Town) -> Asked:
        return Asked(json={name: of(thing), "reason": own.canaries.text("理由")})

    return example


_NOTICE = {
    "message_ja": "休止しています。",
    "message_en": "Paused.",
    "paper_route": {
        "office_ja": "市民課",
        "office_en": "Citizens' division",
        "address_ja": "大通西3丁目",
        "address_en": "3-chome, Odori-nishi",
        "telephone": "0157-23-7111",
        "hours_ja": "平日",
        "hours_en": "weekdays",
    },
}


def _set_switch(of: Thing, own: Town) -> Asked:
    del of
    return Asked(
        path={"service_name": "consultation"},
        json={"state": "open", "reason": own.canaries.text("理由")},
        headers=if_match("1"),
    )


def _plan_pause(of: Thing, own: Town) -> Asked:
    del of
    return Asked(
        path={"service_name": "registry"},
        json={
            "state": "paused",
            "starts_at": "2099-01-01T00:00:00Z",
            "ends_at": "2099-01-02T00:00:00Z",
            "notice": _NOTICE,
            "reason": own.canaries.text("理由"),
        },
    )


def _in_service(of: Thing, own: Town) -> Asked:
    del of, own
    return Asked(path={"service_name": "benefits"})


def _call_off(of: Thing, own: Town) -> Asked:
    del own
    return Asked(path={"service_name": "benefits", "pause_id": of("pause")})


def _request_signature(of: Thing, own: Town) -> Asked:
    del of
    return Asked(
        json={
            "document_digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "purpose": "benefits.application.confirm",
            "statement": own.canaries.text("署名の内容"),
            "return_to": RETURN_TO,
        }
    )


def _answer(of: Thing, own: Town) -> Asked:
    return Asked(
        path={"request_id": of("access_request")},
        json={
            "decision": "granted",
            "scopes": ["benefits:read"],
            "expires_on": "2028-03-31",
            "reason": own.canaries.text("理由"),
        },
    )


def _send_away(of: Thing, own: Town) -> Asked:
    del own
    return Asked(path={"client_id": of("leaver")}, headers=if_match("1"))


EXAMPLES: Mapping[str, tuple[Example, ...]] = {
    **OF_ACTING,
    **OF_STAFF,
    **OF_ASSISTANCE,
    **OF_MEMBERSHIP,
    **OF_PARAMETERS,
    "platform_me": (plain,),
    "platform_list_events": (plain,),
    "platform_access_log": (plain, page_after("access_log_cursor")),
    "platform_revoke_access": (
        _take_back("session_id", "session"),
        _take_back("client_id", "client"),
    ),
    "platform_list_switches": (plain,),
    "platform_read_switch": (_in_service,),
    "platform_set_switch": (_set_switch,),
    "platform_list_pauses": (_in_service,),
    "platform_plan_pause": (_plan_pause,),
    "platform_call_off_pause": (_call_off,),
    "platform_list_access_logs": (plain, page_after("access_logs_cursor")),
    "platform_read_access_log": (at("request_id", "logged_request"),),
    "platform_list_access_requests": (plain, page_after("access_requests_cursor")),
    "platform_read_access_request": (at("request_id", "access_request"),),
    "platform_decide_access_request": (_answer,),
    "platform_list_client_grants": (plain, page_after("client_grants_cursor")),
    "platform_read_client_grant": (at("client_id", "leaver"),),
    "platform_end_client_grant": (_send_away,),
    "platform_request_signature": (_request_signature,),
    "platform_read_signature": (at("signature_id", "signature"),),
    "platform_verify_signature": (at("signature_id", "signature"),),
    "platform_list_consents": (plain,),
    "platform_withdraw_consent": (at("consent_id", "consent"),),
    "platform_list_sessions": (plain,),
    "platform_end_session": (at("session_id", "own_sign_in"),),
    "platform_end_sessions": (plain,),
}
