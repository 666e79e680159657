"""The addresses of accounts, one file per noun."""

from fastapi import APIRouter

from backend.accounts.routes import (
    auditing,
    officers,
    own_account,
    second_factor,
    signing_in,
    single_sign_on,
)

router = APIRouter()
for noun in (signing_in, single_sign_on, own_account, second_factor, officers, auditing):
    router.include_router(noun.router)
