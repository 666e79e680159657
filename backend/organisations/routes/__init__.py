"""The addresses under /desk/manage, one file per list."""

from fastapi import APIRouter

from backend.organisations.routes import aliases, departments, gazetteer, profile, replies, words

router = APIRouter()
for noun in (profile, departments, gazetteer, replies, words, aliases):
    router.include_router(noun.router)
