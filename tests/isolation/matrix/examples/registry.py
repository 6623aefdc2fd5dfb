"""How each operation of the register is asked."""

from collections.abc import Mapping

from tests.isolation.matrix.seeds.registry import a_person
from tests.isolation.matrix.towns import Town
from tests.services.registry.files import a_file

from .asked import Asked, Example, Thing, at, page_after, plain

_CSV = {"Content-Type": "text/csv; charset=utf-8"}


def _file(of: Thing, own: Town) -> Asked:
    del of
    lines = [a_person(own, 5, household=5)]
    return Asked(content=a_file(lines).encode(), headers=_CSV)


def _search(term: str) -> Example:
    def example(of: Thing, own: Town) -> Asked:
        del own
        return Asked(query={term: of(term)})

    return example


def _search_on(of: Thing, own: Town) -> Asked:
    return Asked(query={"kana": own.canaries.kana, "cursor": of("residents_cursor")})


def _card(of: Thing, own: Town) -> Asked:
    del own
    card = {name: of(name) for name in ("name", "kana", "birth_on", "address")}
    return Asked(json=card | {"gender": "2"})


EXAMPLES: Mapping[str, tuple[Example, ...]] = {
    "registry_check_import": (_file,),
    "registry_read_import": (at("import_id", "import"),),
    "registry_confirm_import": (
        at("import_id", "import_to_confirm", json={"accept_faulty_rows": "none"}),
    ),
    "registry_discard_import": (at("import_id", "import_to_discard"),),
    "registry_search_residents": (
        _search("name"),
        _search("kana"),
        _search("birth_on"),
        _search_on,
    ),
    "registry_read_resident": (at("resident_id", "resident"), at("resident_id", "protected")),
    "registry_read_household": (at("household_id", "household"),),
    "registry_read_own_record": (plain,),
    "registry_match_resident": (_card,),
    "registry_list_events": (page_after("registry_events_cursor"),),
}
