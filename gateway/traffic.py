"""How much traffic the door bears: rates, shares, pools and patience, as the operator set them."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from foundation.settings import Settings
from gateway.forwarding.exchange import Deadlines
from gateway.forwarding.pool import PoolLimits

from .fairness import GateLimits, Share
from .limits import Rate


class TrafficSettings(Settings):
    """Read from `TAMAIRE_TRAFFIC_…`; every value has a default that suits one small machine."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix="TAMAIRE_TRAFFIC_", case_sensitive=False
    )

    tenant_rate_per_second: float = Field(default=200.0, gt=0)
    tenant_burst: int = Field(default=400, ge=1)
    service_slots: int = Field(default=32, ge=1)
    """Requests that a service is given at once; the others wait where it is known whose they are.

    Fewer than there are connections: what waits inside a service waits in no fair order.
    """
    tenant_concurrency: int = Field(default=10, ge=1)
    """At most a third of the slots of a service, so that two others are never locked out."""
    client_concurrency: int = Field(default=8, ge=1)
    """How many of a municipality's slots one of its clients may hold; the others share the rest."""
    pool_size: int = Field(default=72, ge=1)
    pool_queue: int = Field(default=256, ge=0)
    queue_seconds: float = Field(default=1.0, gt=0)
    connect_seconds: float = Field(default=0.5, gt=0)
    idle_seconds: float = Field(default=4.0, gt=0)
    first_byte_seconds: float = Field(default=10.0, gt=0)
    total_seconds: float = Field(default=30.0, gt=0)
    token_cache_size: int = Field(default=16_384, ge=1)
    desk_address_per_second: float = Field(default=30.0, gt=0)
    desk_address_burst: int = Field(default=300, ge=1)
    """For one address: a town hall's officials share one, and sign in at half past eight."""
    desk_tenant_per_second: float = Field(default=300.0, gt=0)
    desk_tenant_burst: int = Field(default=3_000, ge=1)
    desk_proxies: tuple[str, ...] = ()
    """Networks of the proxies in front of us; only their `X-Forwarded-For` is believed."""

    @property
    def desk_address(self) -> Rate:
        return Rate(per_second=self.desk_address_per_second, burst=self.desk_address_burst)

    @property
    def desk_tenant(self) -> Rate:
        return Rate(per_second=self.desk_tenant_per_second, burst=self.desk_tenant_burst)

    @property
    def rate(self) -> Rate:
        return Rate(per_second=self.tenant_rate_per_second, burst=self.tenant_burst)

    @property
    def deadlines(self) -> Deadlines:
        return Deadlines(first_byte=self.first_byte_seconds, total=self.total_seconds)

    @property
    def gate(self) -> GateLimits:
        """No more slots than connections, so that whoever is let in finds one."""
        return GateLimits(
            slots=min(self.service_slots, self.pool_size),
            share=Share(
                at_once=self.tenant_concurrency,
                each=min(self.client_concurrency, self.tenant_concurrency),
            ),
            waiting=self.pool_queue,
            patience=self.queue_seconds,
        )

    @property
    def pool(self) -> PoolLimits:
        return PoolLimits(
            size=self.pool_size,
            queue=self.pool_queue,
            queue_seconds=self.queue_seconds,
            connect_seconds=self.connect_seconds,
            idle_seconds=self.idle_seconds,
        )
