"""An address becomes the operation it stands for; what stood in it is not kept."""

from hypothesis import given, strategies as st

from gateway.access_logs.domain import UNKNOWN
from gateway.access_logs.templates import Templates

PATHS = {
    "/benefits/v1/programmes": {"get": {"operationId": "list"}, "post": {"operationId": "define"}},
    "/benefits/v1/programmes/{id}": {"get": {"operationId": "read"}},
    "/benefits/v1/programmes/latest": {"get": {"operationId": "latest"}},
    "/benefits/v1/programmes/{id}/roster": {"get": {"operationId": "roster"}},
    "/benefits/v1/programmes/latest/notes": {"get": {"operationId": "notes"}},
}
KNOWN = {name["operationId"] for methods in PATHS.values() for name in methods.values()}


class TestOperationOf:
    templates = Templates(PATHS)

    def ask(self, target: str, method: str = "GET") -> str:
        return self.templates.operation_of(method.encode(), target.encode())

    def test_finds_an_operation_by_its_address_and_verb(self) -> None:
        assert self.ask("/benefits/v1/programmes") == "list"
        assert self.ask("/benefits/v1/programmes", "POST") == "define"
        assert self.ask("/benefits/v1/programmes/42") == "read"

    def test_prefers_what_is_named(self) -> None:
        assert self.ask("/benefits/v1/programmes/latest") == "latest"
        assert self.ask("/benefits/v1/programmes/latest/roster") == "roster"

    def test_takes_a_head_for_a_get(self) -> None:
        assert self.ask("/benefits/v1/programmes", "HEAD") == "list"

    def test_does_not_look_at_the_query(self) -> None:
        assert self.ask("/benefits/v1/programmes?name=%E5%8C%97%E8%A6%8B") == "list"

    def test_knows_nothing_of_other_addresses(self) -> None:
        for target in ("/", "/benefits", "/benefits/v1/programmes/", "/benefits/v1/a/b/c"):
            assert self.ask(target) == UNKNOWN
        assert self.ask("/benefits/v1/programmes/42", "DELETE") == UNKNOWN

    @given(st.binary(max_size=200), st.sampled_from([b"GET", b"POST", b"BREW"]))
    def test_never_quotes_what_was_asked(self, target: bytes, method: bytes) -> None:
        assert self.templates.operation_of(method, target) in KNOWN | {UNKNOWN}
