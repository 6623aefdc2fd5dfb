"""What an endpoint of the front desk may ask for: the open gateway."""

from typing import Annotated, cast

from fastapi import Depends, Request

from .state import GatewayState


def open_door(request: Request) -> GatewayState:
    """Return the state of the gateway this request came to."""
    return cast("GatewayState", request.app.state.door)


Door = Annotated[GatewayState, Depends(open_door)]
