"""How a municipality's settings are asked about, entered and withdrawn."""

from collections.abc import Mapping

from tests.isolation.matrix.towns import Town

from .asked import Asked, Example, Thing, if_match, plain

_KEY = {"key": "platform.slip_days"}


def _of_key(of: Thing, own: Town) -> Asked:
    del of, own
    return Asked(path=_KEY)


def _page(of: Thing, own: Town) -> Asked:
    del own
    return Asked(path=_KEY, query={"cursor": of("parameter_values_cursor")})


def _similar(of: Thing, own: Town) -> Asked:
    del of, own
    return Asked(query={"against": "similar"})


def _enter(of: Thing, own: Town) -> Asked:
    del of
    body = {"value": 9, "starts_on": "2099-01-01", "reason": own.canaries.text("理由")}
    return Asked(path=_KEY, json={**body, "supersedes": True})


def _withdraw(of: Thing, own: Town) -> Asked:
    del own
    return Asked(path={**_KEY, "value_id": of("parameter_value")}, headers=if_match("1"))


EXAMPLES: Mapping[str, tuple[Example, ...]] = {
    "platform_list_parameters": (plain,),
    "platform_read_parameter": (_of_key,),
    "platform_read_parameter_drift": (plain, _similar),
    "platform_list_parameter_values": (_of_key, _page),
    "platform_enter_parameter_value": (_enter,),
    "platform_withdraw_parameter_value": (_withdraw,),
}
