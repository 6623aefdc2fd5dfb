"""How each operation of the consultation desk is asked."""

from collections.abc import Mapping
from typing import Any

from tests.isolation.matrix.seeds.consultation import COLLEAGUE, a_consultee, a_contact
from tests.isolation.matrix.towns import Town

from .asked import Asked, Example, Thing, at, if_match, page_after, plain

_CLASSIFIED = {"theme": "violence", "confidentiality": "strict"}


def _open(of: Thing, own: Town) -> Asked:
    del of
    return Asked(json=a_consultee(own))


def _open_for_resident(of: Thing, own: Town) -> Asked:
    del own
    body = {"theme": "housing", "confidentiality": "ordinary", "resident_id": of("taxed")}
    return Asked(json=body)


def _changing(what: str, body: Mapping[str, Any] | None = None, **path: str) -> Example:
    """Change the case that is there for this act, at the version its own town has seen."""

    def example(of: Thing, own: Town) -> Asked:
        return Asked(
            path={"case_id": of(f"case_{what}"), **path},
            json=body,
            headers=if_match(own.things[f"case_version_{what}"]),
        )

    return example


def _add_record(of: Thing, own: Town) -> Asked:
    return Asked(path={"case_id": of("case_read")}, json=a_contact(own))


def _correct_record(of: Thing, own: Town) -> Asked:
    body = a_contact(own) | {"corrects_id": of("record_to_correct")}
    return Asked(path={"case_id": of("case_read")}, json=body)


def _read_record(of: Thing, own: Town) -> Asked:
    del own
    return Asked(path={"case_id": of("case_read"), "record_id": of("record")})


EXAMPLES: Mapping[str, tuple[Example, ...]] = {
    "consultation_open_case": (_open, _open_for_resident),
    "consultation_list_cases": (plain, page_after("cases_cursor")),
    "consultation_read_case": (at("case_id", "case_read"), at("case_id", "case_registered")),
    "consultation_classify_case": (_changing("to_classify", _CLASSIFIED),),
    "consultation_activate_case": (_changing("to_activate"),),
    "consultation_close_case": (_changing("to_close"),),
    "consultation_reopen_case": (_changing("to_reopen"),),
    "consultation_hand_over_case": (_changing("to_hand_over", {"subject": COLLEAGUE}),),
    "consultation_set_case_member": (
        _changing("to_change_member", {"role": "reader"}, subject=COLLEAGUE),
    ),
    "consultation_remove_case_member": (_changing("to_remove_member", subject=COLLEAGUE),),
    "consultation_add_record": (_add_record, _correct_record),
    "consultation_list_records": (
        at("case_id", "case_read"),
        page_after("records_cursor", case_id="case_read"),
    ),
    "consultation_read_record": (_read_record,),
    "consultation_list_events": (plain, page_after("consultation_events_cursor")),
}
