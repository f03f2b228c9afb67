"""Settings of the web server and of the bank's own sign-in."""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from copilot.settings.strict import LOOPBACK, Strict


class OidcSettings(Strict):
    """The bank's own sign-in, by OpenID Connect. The secret stands in an environment variable, never in the file."""

    issuer: str | None = Field(None, description="address of the provider, as it names itself; none when empty")
    client_id: str = ""
    secret_env: str = Field("OIDC_CLIENT_SECRET", description="environment variable of the secret; empty: no secret")
    label: str = Field("", max_length=24, description="words on the button")
    scopes: tuple[str, ...] = ("openid", "profile")
    name_claim: str = Field("preferred_username", description="claim that becomes the user name")
    display_claim: str = "name"
    role_claim: str = Field("roles", description="claim with the groups or roles; a path such as realm_access.roles")
    roles: dict[str, Literal["advisor", "compliance", "trainer", "admin"]] = Field(
        {}, description="value of the claim to role; the first that a person has counts"
    )
    exclusive: bool = Field(False, description="whether passwords of this desk are refused")
    link_by_name: bool = Field(False, description="whether a local account of the same name is the same person")
    redirect_url: str | None = Field(None, description="this desk's own /login/oidc/back, as the provider knows it")
    ca: Path | None = Field(None, description="file of the bank's own certificate authority")
    leeway_s: int = Field(60, ge=0, le=300, description="how far the two clocks may differ")
    timeout_s: float = Field(5.0, gt=0, le=60)

    @model_validator(mode="after")
    def _whole(self) -> OidcSettings:
        if self.issuer is None:
            if self.exclusive:
                raise ValueError("exclusive without an issuer would let nobody in")
            return self
        address = urlsplit(self.issuer)
        if address.scheme != "https" and not (address.scheme == "http" and address.hostname in LOOPBACK):
            raise ValueError("issuer must be an https address")
        if not self.client_id or not self.roles:
            raise ValueError("client_id and roles are needed beside issuer")
        if "openid" not in self.scopes:
            raise ValueError("scopes must name openid")
        return self


class ServeSettings(Strict):
    """The desk's web server."""

    host: str = "127.0.0.1"
    port: int = Field(7860, ge=1, le=65535)
    session_hours: float = Field(10, gt=0, le=72)
    idle_minutes: float = Field(60, gt=0, le=1440, description="a sign-in left alone for so long ends")
    secure_cookies: bool = Field(False, description="set when the desk is served over https")
    upload_mb: int = Field(50, ge=1, le=50, description="largest file that may be uploaded")
    upload_waiting_mb: int = Field(500, ge=1, description="room for uploaded files that are not yet on the shelf")
    review_minutes: int = Field(30, ge=1, description="how long a text may wait for compliance")
    oidc: OidcSettings = OidcSettings()
    actions_a_minute: int = Field(600, ge=1, description="clicks and checks of one user; more are told to wait")
    suggestions_a_minute: int = Field(30, ge=1, description="suggestions one user may ask for")
    waiting: int = Field(200, ge=1, description="clicks on one page that may wait; more are told the desk is busy")
