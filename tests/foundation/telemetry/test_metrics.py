"""The figures count each request once, by operation, municipality and class of status."""

from foundation.telemetry import Metrics, Observation


def _seen(status: int = 200, tenant: str | None = "012084") -> Observation:
    return Observation(operation="benefits_confirm", tenant=tenant, status=status, seconds=0.02)


class TestMetrics:
    def test_count_by_municipality_and_class_of_status(self) -> None:
        metrics = Metrics("benefits")
        for status in (200, 201, 404):
            metrics.begin()
            metrics.end(_seen(status))
        text = metrics.exposition().decode()
        labels = 'operation="benefits_confirm",service="benefits",status="2xx",tenant="012084"'
        assert f"tamaire_requests_total{{{labels}}} 2.0" in text
        assert 'tamaire_request_seconds_count{operation="benefits_confirm"' in text

    def test_know_how_many_are_being_answered(self) -> None:
        metrics = Metrics("benefits")
        metrics.begin()
        assert 'in_flight{service="benefits"} 1.0' in metrics.exposition().decode()
        metrics.end(_seen())
        assert 'in_flight{service="benefits"} 0.0' in metrics.exposition().decode()

    def test_name_no_municipality_that_was_not_proven(self) -> None:
        metrics = Metrics("benefits")
        metrics.begin()
        metrics.end(_seen(401, tenant=None))
        assert 'status="4xx",tenant="none"' in metrics.exposition().decode()

    def test_of_two_applications_are_kept_apart(self) -> None:
        one, other = Metrics("benefits"), Metrics("benefits")
        one.begin()
        assert 'in_flight{service="benefits"} 0.0' in other.exposition().decode()
