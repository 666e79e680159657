"""The addresses of accounts, one file per noun."""

from fastapi import APIRouter

from backend.accounts.routes import auditing, officers, own_account, second_factor, signing_in

router = APIRouter()
for noun in (signing_in, own_account, second_factor, officers, auditing):
    router.include_router(noun.router)
