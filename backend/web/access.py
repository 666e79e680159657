"""Every route says who may use it, or the application does not start.

A rule is an ordinary dependency marked with `declare`. `public` is the rule of pages that anybody
may read; features above define their own (accounts.access.requires).
"""

from collections.abc import Callable, Iterator
from typing import TypeVar

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

F = TypeVar("F", bound=Callable[..., object])
_MARK = "__access_rule__"


def declare(dependency: F, label: str) -> F:
    """Mark a dependency as an access rule, named `label` in the route list."""
    setattr(dependency, _MARK, label)
    return dependency


def public() -> None:
    """Anybody may use this route."""


declare(public, "public")


def rules_by_route(app: FastAPI) -> dict[str, str | None]:
    """`METHOD /path` → the label of its access rule; None where one is missing."""
    return {
        f"{method} {route.path}": next(_labels(route.dependant), None)
        for route in _routes(app)
        for method in sorted(route.methods or ())
    }


def check(app: FastAPI) -> None:
    """Raise at start-up when a route declares no access rule, or when none is seen at all."""
    rules = rules_by_route(app)
    if not rules:
        raise RuntimeError("no route was found to check")
    missing = [name for name, label in rules.items() if label is None]
    if missing:
        raise RuntimeError(f"routes without an access rule: {', '.join(missing)}")


def _routes(app: FastAPI) -> Iterator[RouteContext]:
    # `app.routes` holds included routers, not their routes: looking there alone would find none.
    for route in iter_route_contexts(app.routes):
        if isinstance(route.original_route, APIRoute):
            yield route


def _labels(dependant: Dependant) -> Iterator[str]:
    label = getattr(dependant.call, _MARK, None)
    if label is not None:
        yield label
    for child in dependant.dependencies:
        yield from _labels(child)
