"""What officers type on the pages about themselves and each other."""

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from backend.models import Role

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Password = Annotated[str, StringConstraints(max_length=500)]


class SignInForm(BaseModel):
    """用户名与密码."""

    username: Line = ""
    password: Password = ""
    next: str = Field(default="", max_length=2000)


class SecondFactorForm(BaseModel):
    """A code from the authenticator, or a recovery code, with the ticket of the first step."""

    ticket: str = Field(default="", max_length=500)
    code: Line = ""
    next: str = Field(default="", max_length=2000)


class PasswordForm(BaseModel):
    """修改密码."""

    current: Password = ""
    new: Password = ""
    again: Password = ""


class ContactForm(BaseModel):
    """Where an officer's own messages go."""

    email: Line = ""
    wants_brief: bool = False


class DetailsForm(BaseModel):
    """An officer as an administrator describes them."""

    display_name: Line = ""
    email: Line = ""
    department_id: str = ""
    is_head: bool = False


class OfficerForm(BaseModel):
    """A new officer, made by an administrator."""

    username: Line = ""
    display_name: Line = ""
    department_id: int | None = None
    neighbourhood_id: int | None = None
    roles: list[Role] = []
    password: Password = ""


class SetupForm(BaseModel):
    """The first administrator of an installation; `code` stands on the console."""

    code: Line = ""
    organisation: Line = ""
    username: Line = ""
    display_name: Line = ""
    password: Password = ""
