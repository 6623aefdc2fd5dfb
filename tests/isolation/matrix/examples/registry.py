"""How each operation of the register is asked."""

from collections.abc import Mapping

from tests.isolation.matrix.seeds.protection import application
from tests.isolation.matrix.seeds.registry import a_person
from tests.isolation.matrix.towns import Town
from tests.services.registry.files import a_file

from .asked import Asked, Example, Thing, at, page_after, plain

_CSV = {"Content-Type": "text/csv; charset=utf-8"}


def _file(of: Thing, own: Town) -> Asked:
    del of
    lines = [a_person(own, 5, household=5)]
    return Asked(content=a_file(lines).encode(), headers=_CSV)


def _layout(of: Thing, own: Town) -> Asked:
    del of, own
    return Asked(json={"name": "own", "headings": {"住民コード": "resident_number"}})


def _search(term: str) -> Example:
    def example(of: Thing, own: Town) -> Asked:
        del own
        return Asked(query={term: of(term)})

    return example


def _formerly(of: Thing, own: Town) -> Asked:
    del own
    return Asked(query={"name": of("name"), "former": "true"})


def _search_on(of: Thing, own: Town) -> Asked:
    return Asked(query={"kana": own.canaries.kana, "cursor": of("residents_cursor")})


def _card(of: Thing, own: Town) -> Asked:
    del own
    card = {name: of(name) for name in ("name", "kana", "birth_on", "address")}
    return Asked(json=card | {"gender": "2"})


def _apply(of: Thing, own: Town) -> Asked:
    return Asked(json=application(own, of("protected")))


def _join(of: Thing, own: Town) -> Asked:
    del own
    person = {"resident_id": of("hidden"), "part": "accompanying"}
    return Asked(path={"measure_id": of("measure_to_join")}, json=person)


def _propose(of: Thing, own: Town) -> Asked:
    body = {"act": "grant", "reason": own.canaries.text("起案")}
    return Asked(path={"measure_id": of("measure_to_propose")}, json=body)


def _ask_to_see(of: Thing, own: Town) -> Asked:
    reason = own.canaries.text("必要性")
    body = {"resident_id": of("protected"), "ground": "court_order", "reason": reason}
    return Asked(json=body)


_AGREED = {"decision": "agreed"}

EXAMPLES: Mapping[str, tuple[Example, ...]] = {
    "registry_check_import": (_file,),
    "registry_read_import": (at("import_id", "import"),),
    "registry_follow_import": (at("import_id", "import"),),
    "registry_preview_import": (_file,),
    "registry_keep_import_layout": (_layout,),
    "registry_list_import_layouts": (plain,),
    "registry_read_faulty_rows": (at("import_id", "import_to_confirm"),),
    "registry_list_missing_residents": (at("import_id", "import_to_confirm"),),
    "registry_confirm_import": (
        at("import_id", "import_to_confirm", json={"accept_faulty_rows": "none"}),
    ),
    "registry_discard_import": (at("import_id", "import_to_discard"),),
    "registry_search_residents": (
        _search("name"),
        _search("kana"),
        _search("birth_on"),
        _search("address"),
        _formerly,
        _search_on,
    ),
    "registry_read_resident": (at("resident_id", "resident"), at("resident_id", "protected")),
    "registry_read_household_of_resident": (at("resident_id", "resident"),),
    "registry_list_changes": (plain, page_after("registry_changes_cursor")),
    "registry_read_household": (at("household_id", "household"),),
    "registry_read_own_record": (plain,),
    "registry_match_resident": (_card,),
    "registry_apply_for_protection": (_apply,),
    "registry_list_protection_measures": (plain, page_after("measures_cursor")),
    "registry_read_protection_measure": (at("measure_id", "measure"),),
    "registry_provide_protection": (at("measure_id", "measure_to_provide"),),
    "registry_join_protection": (_join,),
    "registry_propose_protection_step": (_propose,),
    "registry_decide_protection_step": (at("measure_id", "measure_to_decide", json=_AGREED),),
    "registry_extend_protection": (at("measure_id", "measure_to_extend"),),
    "registry_request_address_opening": (_ask_to_see,),
    "registry_list_address_openings": (plain, page_after("openings_cursor")),
    "registry_decide_address_opening": (at("opening_id", "opening_to_decide", json=_AGREED),),
    "registry_view_opened_address": (at("opening_id", "opening_to_view"),),
    "registry_list_protection_alerts": (plain, page_after("alerts_cursor")),
    "registry_acknowledge_protection_alert": (at("alert_id", "alert"),),
    "registry_list_events": (page_after("registry_events_cursor"),),
}
