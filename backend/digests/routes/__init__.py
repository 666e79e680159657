"""The addresses of digests and reports, one file per noun."""

from fastapi import APIRouter

from backend.digests.routes import (
    digests,
    lists,
    outcome,
    reports,
    schedules,
    stationery,
)

router = APIRouter()
for noun in (lists, digests, schedules, reports, stationery, outcome):
    router.include_router(noun.router)
