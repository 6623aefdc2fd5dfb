"""The form is taken as the page gives it: its address and whatever is hidden in it."""

import pytest

from operations.demo.signin import FormReader, official

PAGE = """
<form method="post" action="/resident/present-card">
  <input type="hidden" name="transaction" value="a&amp;b">
  <input type="hidden" name="later" value="1">
  <input type="radio" name="card_id" value="x"><input name="pin" type="password">
</form>
<form method="post" action="/resident/cancel">
  <input type="hidden" name="transaction" value="other">
</form>
"""


class TestFormReader:
    def test_finds_the_form_by_its_address_with_all_that_is_hidden(self) -> None:
        form = FormReader.find(PAGE, action_ending="/present-card")
        assert form is not None
        assert form.action == "/resident/present-card"
        assert form.hidden == {"transaction": "a&b", "later": "1"}

    def test_finds_no_form_that_is_not_there(self) -> None:
        assert FormReader.find(PAGE, action_ending="/sign-in") is None


class TestOfficial:
    def test_asks_for_no_scope_an_official_cannot_have(self) -> None:
        with pytest.raises(ValueError, match="registry:match"):
            official("誰か", "clerk1", "012084", scopes="registry:match")
