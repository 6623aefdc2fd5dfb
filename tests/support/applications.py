"""The services as this process has built them: once, however many tests open and close them.

Putting a service together costs more than most tests do with it. Everything a running service
holds is made when it opens (`lifespan`) and gone when it closes, so what is built is not shared
state; the figures it counts are, and whoever reads those builds a service of their own.
"""

import os
from collections.abc import Mapping
from functools import cache
from importlib import import_module

import pytest
from fastapi import FastAPI
from starlette.datastructures import State

from foundation.telemetry import configure_logging


def application_of(service: str, told: Mapping[str, str]) -> FastAPI:
    """Return a service as it is under these variables, closed and ready to be opened.

    Variables the test has set itself count, too.
    """
    already = {name: value for name, value in os.environ.items() if name.startswith("TAMAIRE_")}  # noqa: TID251 - what the test set
    variables = tuple(sorted({**already, **told}.items()))
    application = _built_once(service, variables)
    if getattr(application.state, "office", None) is not None:
        return _built(service, variables)  # a second process of the same service
    application.state = State()
    configure_logging(service, level=told["TAMAIRE_LOG_LEVEL"])
    return application


def _built(service: str, variables: tuple[tuple[str, str], ...]) -> FastAPI:
    module = "gateway.office.app" if service == "platform" else f"services.{service}.app"
    with pytest.MonkeyPatch.context() as environment:
        for name, value in variables:
            environment.setenv(name, value)
        application: FastAPI = import_module(module).create()
    return application


_built_once = cache(_built)
