"""One answer leads to the next request, worked out from the addresses alone."""

from typing import Any

from gateway.links import add_links

UUID = {"type": "string", "format": "uuid"}


def answer(*members: str, listed: bool = False) -> dict[str, Any]:
    """Return a success with these members, or a list of such."""
    one = {"properties": dict.fromkeys(members, UUID)}
    shape = {"properties": {"items": {"items": one}}} if listed else one
    return {"200": {"content": {"application/json": {"schema": shape}}}}


def house() -> dict[str, Any]:
    """Return shelves with books, a loan of a book, and a desk that names a book."""
    return {
        "/shelves/{shelf_id}/books": {
            "get": {"operationId": "list", "responses": answer("id", listed=True)},
            "post": {"operationId": "add", "responses": answer("id")},
        },
        "/shelves/{shelf_id}/books/{book_id}": {
            "get": {"operationId": "read", "responses": answer("id", "reader_id")}
        },
        "/shelves/{shelf_id}/books/{book_id}/loan": {
            "post": {"operationId": "lend", "responses": answer("reader_id")}
        },
        "/readers/{reader_id}": {"get": {"operationId": "reader", "responses": answer("id")}},
        "/readers/{reader_id}/fine": {"post": {"operationId": "fine", "responses": {}}},
    }


def links_of(path: str, method: str) -> dict[str, Any]:
    """Return the links of an operation of the house, each with its parameters."""
    paths = house()
    add_links(paths, {})
    found = paths[path][method]["responses"]["200"].get("links", {})
    return {name: link["parameters"] for name, link in found.items()}


class TestAddLinks:
    def test_what_was_added_can_be_read_and_used(self) -> None:
        links = links_of("/shelves/{shelf_id}/books", "post")
        assert links.keys() == {"read", "lend"}
        assert links["lend"] == {
            "shelf_id": "$request.path.shelf_id",
            "book_id": "$response.body#/id",
        }

    def test_the_first_of_a_list_can_be_read(self) -> None:
        links = links_of("/shelves/{shelf_id}/books", "get")
        assert links["read"]["book_id"] == "$response.body#/items/0/id"

    def test_an_act_leads_back_to_what_it_was_about(self) -> None:
        links = links_of("/shelves/{shelf_id}/books/{book_id}/loan", "post")
        assert links["read"]["book_id"] == "$request.path.book_id"

    def test_what_is_only_mentioned_can_be_read_and_no_more(self) -> None:
        links = links_of("/shelves/{shelf_id}/books/{book_id}", "get")
        assert links["reader"] == {"reader_id": "$response.body#/reader_id"}
        assert "fine" not in links

    def test_nothing_leads_to_itself(self) -> None:
        for path, item in house().items():
            for method, operation in item.items():
                if operation["responses"]:
                    assert operation["operationId"] not in links_of(path, method)
