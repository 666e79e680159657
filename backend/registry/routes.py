"""The addresses of the registry, one file per noun."""

from fastapi import APIRouter

from backend.registry import entry_routes, import_routes, scan_routes

router = APIRouter()
for noun in (entry_routes, scan_routes, import_routes):
    router.include_router(noun.router)
