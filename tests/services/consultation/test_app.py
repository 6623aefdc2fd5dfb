"""The desk describes itself, with every way it can refuse."""

from typing import Any

import pytest

from tests.support.callers import ServiceClient

VERBS = {"get", "post", "put", "delete"}


@pytest.fixture
def operations(consultation: ServiceClient) -> dict[str, dict[str, Any]]:
    """Return the operations on a case, by name, as they are published."""
    paths: dict[str, Any] = consultation.application.openapi()["paths"]
    return {
        f"{verb} {path}": operation
        for path, item in paths.items()
        for verb, operation in item.items()
        if verb in VERBS and path.startswith("/consultation/v1/cases")
    }


class TestTheDesk:
    def test_publishes_every_operation_under_a_name_of_its_own(
        self, operations: dict[str, dict[str, Any]]
    ) -> None:
        names = {operation["operationId"] for operation in operations.values()}
        assert len(names) == len(operations) == 13

    def test_says_of_every_operation_on_a_case_that_it_may_be_hidden(
        self, operations: dict[str, dict[str, Any]]
    ) -> None:
        silent = [
            name
            for name, operation in operations.items()
            if "{case_id}" in name and "ConsultationCaseNotFoundProblem" not in str(operation)
        ]
        assert silent == []

    def test_wants_the_version_named_for_every_change_of_a_case(
        self, operations: dict[str, dict[str, Any]]
    ) -> None:
        unguarded = [
            name
            for name, operation in operations.items()
            if not name.startswith("get ") and "428" not in operation["responses"]
        ]
        # A new case has no version yet, and a record is only ever added.
        assert unguarded == [
            "post /consultation/v1/cases",
            "post /consultation/v1/cases/{case_id}/records",
        ]
