"""Every act at this desk touches what was confided, and serves consultation alone."""

from foundation.identity import Purpose, Role
from services.consultation.permissions import PERMISSIONS


class TestPermissions:
    def test_are_all_about_people_and_leave_a_trail(self) -> None:
        assert [row.action for row in PERMISSIONS if not row.personal] == []

    def test_serve_consultation_and_nothing_else(self) -> None:
        assert {row.purposes for row in PERMISSIONS} == {(Purpose.CONSULTATION,)}

    def test_are_for_officials_only(self) -> None:
        assert {row.kinds for row in PERMISSIONS} == {frozenset({"official"})}

    def test_leave_the_opening_of_a_case_to_counsellors(self) -> None:
        opening = {row.roles for row in PERMISSIONS if row.action == "consultation.case.open"}
        assert opening == {frozenset({Role.COUNSELLOR})}
