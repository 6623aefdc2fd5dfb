"""How each operation at the windows is asked."""

from collections.abc import Mapping

from tests.isolation.matrix.towns import Town

from .asked import Asked, Example, Thing, at, page_after, plain

_DAYS = {"since": "2020-01-01", "until": "2099-12-31"}


def _window(of: Thing, own: Town) -> Asked:
    del of
    return Asked(json={"code": own.canaries.code("new"), "name": own.canaries.text("窓口")})


def _ticket(of: Thing, own: Town) -> Asked:
    return Asked(
        json={
            "window_id": of("window"),
            "matter": own.canaries.text("用件"),
            "resident_id": of("resident"),
        }
    )


def _transfer(of: Thing, own: Town) -> Asked:
    del own
    return Asked(
        path={"reception_id": of("reception_to_transfer")},
        json={"window_id": of("other_window")},
    )


EXAMPLES: Mapping[str, tuple[Example, ...]] = {
    "window_dx_establish_window": (_window,),
    "window_dx_list_windows": (plain, page_after("windows_cursor")),
    "window_dx_read_window": (at("window_id", "window"),),
    "window_dx_take_ticket": (_ticket,),
    "window_dx_read_reception": (at("reception_id", "reception"),),
    "window_dx_list_receptions": (
        at("window_id", "window"),
        at("window_id", "window", query={"state": "finished"}),
        page_after("receptions_cursor", window_id="window"),
    ),
    "window_dx_read_board": (at("window_id", "window"),),
    "window_dx_call_next": (at("window_id", "window"),),
    "window_dx_hold_reception": (at("reception_id", "reception_to_hold"),),
    "window_dx_resume_reception": (at("reception_id", "reception_to_resume"),),
    "window_dx_transfer_reception": (_transfer,),
    "window_dx_finish_reception": (at("reception_id", "reception_to_finish"),),
    "window_dx_note_absence": (at("reception_id", "reception_to_miss"),),
    "window_dx_read_waiting_times": (at("window_id", "window", query=_DAYS),),
    "window_dx_list_events": (plain, page_after("window_dx_events_cursor")),
}
