"""What is said about whoever may call: keys, client tokens, and the account that both belong to."""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import (
    MISSING,
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    model_validator,
)

from app.rules import facts
from app.schemas.outputs import Page
from app.schemas.patches import Patch
from app.schemas.queries import Cursor, Limit
from app.schemas.texts import Name, OptionalAddress, once, whole
from app.schemas.times import Instant
from app.store.rows import Action, Mode, Scope

MOST_ORIGINS = 50
"""How many pages an account may let in."""
SHORTEST, LONGEST = 60, 3600
"""The seconds for which a client token may be good."""

NEW_KEY: dict[str, Any] = {"name": "career site", "scopes": ["interviews:read", "emails"]}
NEW_TOKEN: dict[str, Any] = {
    "interview_id": "int_019e2b3c4d5e7f60a1b2c3d4e5f60718",
    "actions": ["read", "render"],
    "origins": ["https://jobs.example.com"],
}

_LABEL = "[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST = rf"https://{_LABEL}(\.{_LABEL}){{0,8}}|http://(localhost|127\.0\.0\.1)"
_PORT = "[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]"
ORIGIN = rf"^({_HOST})(:({_PORT}))?$"
"""What a browser sends as `Origin`: no path, no wildcard, no `null`; without TLS from the developer's machine alone."""

_USUAL_PORTS = {"https": ":443", "http": ":80"}


def as_browsers_write_it(origin: str) -> str:
    """An origin in lower case without the port that is usual."""
    return origin.removesuffix(_USUAL_PORTS[origin.partition(":")[0]])


def _as_origin(text: str) -> str:
    # Said in words: the pattern itself says nothing to anybody.
    if not re.fullmatch(ORIGIN, text):
        raise ValueError("must be an origin as browsers send it, such as https://jobs.example.com")
    return as_browsers_write_it(text)


Origin = Annotated[str, AfterValidator(_as_origin), WithJsonSchema({"type": "string", "pattern": ORIGIN})]
Origins = Annotated[tuple[Origin, ...], Field(max_length=MOST_ORIGINS), AfterValidator(once)]
Pages = Annotated[tuple[Origin, ...], Field(min_length=1, max_length=MOST_ORIGINS), AfterValidator(once)]
Scopes = Annotated[tuple[Scope, ...], Field(min_length=1, max_length=100), AfterValidator(once)]
Actions = Annotated[tuple[Action, ...], Field(min_length=1, max_length=100), AfterValidator(once)]

KeyId = Annotated[str, Field(description="The key's id.")]
KeyName = Annotated[str, Field(description="What it is for, in your own words.")]
Hint = Annotated[str | None, Field(description="Its last four characters; null of a key from before they were kept.")]
Created = Annotated[facts.Instant, Field(description="When it was made.")]
Expires = Annotated[facts.Instant | None, Field(description="From then on it lets nobody in; null is never.")]


class KeyIn(BaseModel):
    """What a new key is for, and what it may do."""

    model_config = ConfigDict(extra="forbid", frozen=True, title="Key to be", json_schema_extra={"examples": [NEW_KEY]})

    name: Name = Field(description="What it is for, in your own words.")
    scopes: Scopes | None = Field(None, description="What it may do; else all that the key you call with may.")
    expires_at: Instant | None = Field(
        None, description="From then on it lets nobody in; null is when the key you call with ends, if it does."
    )


class KeyQuery(BaseModel):
    """Which keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: Limit = 20
    cursor: Cursor = None


class KeyOut(BaseModel):
    """A key, without its text."""

    model_config = ConfigDict(title="Key")

    id: KeyId
    name: KeyName
    hint: Hint
    mode: Mode = Field(description="Whether it works on what is real or is for trying out.")
    scopes: list[Scope] = Field(description="What it may do.")
    created_at: Created
    last_used_at: facts.Instant | None = Field(description="When it was used last, to the minute.")
    revoked_at: facts.Instant | None = Field(description="When it was revoked.")
    expires_at: Expires


class KeyCreatedOut(KeyOut):
    """A new key, and the one time its text is shown."""

    model_config = ConfigDict(title="New key")

    key: str = Field(description="Send it as `Authorization: Bearer <key>`. Keep it: it is not shown again.")


class KeyList(Page[KeyOut]):
    """Keys, a page at a time."""

    model_config = ConfigDict(title="Keys")


class MeOut(BaseModel):
    """Who calls: a key, or a page with a client token."""

    model_config = ConfigDict(title="Caller")

    type: Literal["key", "client_token"] = Field(description="What was sent.")
    id: str = Field(description="The id of the key or the token.")
    name: str | None = Field(description="What a key is for, in your own words.")
    hint: str | None = Field(description="The last four characters of a key.")
    account: str = Field(description="The name of the account.")
    mode: Mode = Field(description="Whether it works on what is real or is for trying out.")
    scopes: list[Scope] = Field(description="What a key may do.")
    actions: list[Action] = Field(description="What a token may do.")
    interview_id: str | None = Field(description="The one interview that a token is bound to.")
    candidate_email: str | None = Field(description="The candidate whose interviews a token is bound to.")
    expires_at: Expires


class ClientTokenIn(BaseModel):
    """What a page may see, do, and for how long. It sees one interview, or all of one candidate."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        title="Client token to be",
        hide_input_in_errors=True,
        json_schema_extra={"examples": [NEW_TOKEN]},
    )

    interview_id: str | None = Field(None, max_length=100, description="The one interview that it may see.")
    candidate_email: OptionalAddress = Field(None, description="Or the candidate whose interviews it may see.")
    actions: Actions = Field(description="What it may do: each needs the scope behind it of the key you call with.")
    origins: Pages = Field(description="The pages that may use it, each among the account's `allowed_origins`.")
    expires_in_seconds: Annotated[int, Field(ge=SHORTEST, le=LONGEST), BeforeValidator(whole)] = Field(
        900, description="For how long it is good."
    )

    @model_validator(mode="after")
    def _is_bound_to_one(self) -> Self:
        if (self.interview_id is None) == (self.candidate_email is None):
            raise ValueError("must have either interview_id or candidate_email")
        return self


class ClientTokenOut(BaseModel):
    """A new client token, shown this once."""

    # Not whom it is bound to: an answer is kept for a repeated request, and holds no address then.
    model_config = ConfigDict(title="New client token")

    id: str = Field(description="The token's id.")
    token: str = Field(description="Give it to the page, which sends it as `Authorization: Bearer <token>`.")
    actions: list[Action] = Field(description="What it may do.")
    origins: list[str] = Field(description="The pages that may use it.")
    created_at: Created
    expires_at: facts.Instant = Field(description="From then on it lets nobody in, or once its key does not.")


class AccountOut(BaseModel):
    """Whoever the keys belong to."""

    model_config = ConfigDict(title="Account")

    name: str = Field(description="Its name, as the operator gave it.")
    mode: Mode = Field(description="Whether it holds what is real or is for trying out.")
    allowed_origins: list[str] = Field(description="The pages that client tokens may be made for.")
    retention_days: int | None = Field(
        description="After so many days without a change an interview is removed; null is what the service does."
    )


class AccountPatch(Patch):
    """Changes to an account: each member is absent or its new value."""

    model_config = ConfigDict(title="Changes to an account", json_schema_extra={"examples": [{"retention_days": 365}]})

    allowed_origins: Origins | MISSING = Field(
        MISSING, description="Exact origins such as `https://jobs.example.com`: all of them, the list is replaced."
    )
    retention_days: Annotated[int, Field(ge=0, le=3650), BeforeValidator(whole)] | MISSING | None = Field(
        MISSING, description="After so many days an interview is removed; null is what the service does."
    )
