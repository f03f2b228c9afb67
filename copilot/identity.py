"""The bank's own sign-in: OpenID Connect, authorization code with PKCE. What it says is believed only when signed for us, now, and for this browser."""

from __future__ import annotations

import os
import secrets
import ssl
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key

from copilot.errors import IdentityError, SettingsError
from copilot.settings import LOOPBACK, OidcSettings
from copilot.types import Identity

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Signatures by a key that only the provider holds; `none` and shared secrets are not among them."""
KEPT_S = 3600
"""How long what the provider says of itself is kept."""
AGAIN_S = 10
"""A key that is not among the kept ones is asked for, at most so often."""


@dataclass(frozen=True)
class Journey:
    """What one browser must bring back from the provider. It travels there in a cookie of its own."""

    state: str
    nonce: str
    verifier: str

    def written(self) -> str:
        """The journey as a cookie's value."""
        return f"{self.state}.{self.nonce}.{self.verifier}"

    @staticmethod
    def begun() -> Journey:
        """One that nobody can guess."""
        return Journey(*(secrets.token_urlsafe(32) for _ in range(3)))

    @staticmethod
    def read(text: str | None) -> Journey | None:
        """A journey from a cookie's value; None for anything else."""
        parts = (text or "").split(".")
        return Journey(*parts) if len(parts) == 3 and all(len(p) == 43 for p in parts) else None


class Provider:
    """The provider of the settings. SettingsError when its secret or certificate is not there; the network is asked on use."""

    def __init__(self, settings: OidcSettings, clock: Callable[[], float] = time.time) -> None:
        if not settings.issuer:
            raise SettingsError("serve.oidc.issuer: needed for the bank's own sign-in")
        self._own = settings
        self._issuer = settings.issuer
        self._clock = clock
        self._secret = os.environ.get(settings.secret_env, "") if settings.secret_env else ""
        if settings.secret_env and not self._secret:
            raise SettingsError(
                f"serve.oidc.secret_env: the environment variable {settings.secret_env} is empty; set it to the client's secret"
            )
        try:
            self._trust = ssl.create_default_context(cafile=str(settings.ca) if settings.ca else None)
        except OSError as error:
            raise SettingsError(f"serve.oidc.ca: {settings.ca} cannot be read; name a PEM file") from error
        self._lock = threading.Lock()
        self._described: tuple[float, Mapping[str, Any]] | None = None
        self._keys: tuple[float, tuple[Key, ...]] | None = None

    def leave(self, journey: Journey, back: str) -> str:
        """The address that the browser is sent to. `back` is where the provider sends it afterwards."""
        asked = {
            "response_type": "code",
            "client_id": self._own.client_id,
            "redirect_uri": back,
            "scope": " ".join(self._own.scopes),
            "state": journey.state,
            "nonce": journey.nonce,
            "code_challenge": _challenge(journey.verifier),
            "code_challenge_method": "S256",
        }
        address = self._address("authorization_endpoint")
        return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(asked)}"

    def arrive(self, journey: Journey, answer: Mapping[str, str], back: str) -> Identity:
        """Who came back. IdentityError when the answer is not this browser's, not the provider's, or not of one of us."""
        if not secrets.compare_digest(answer.get("state", "").encode(), journey.state.encode()):
            raise IdentityError("untrusted", "the answer belongs to another sign-in; begin again")
        if answer.get("iss", self._issuer) != self._issuer:
            raise IdentityError("untrusted", "the answer is of another provider; begin again")
        if "error" in answer or not answer.get("code"):
            raise IdentityError(
                "refused", f"the provider refused ({answer.get('error', 'no code')[:60]!r}); begin again"
            )
        tokens = self._redeemed(answer["code"], journey.verifier, back)
        claims = self._claims(str(tokens.get("id_token", "")), journey.nonce)
        access = str(tokens.get("access_token", ""))
        if access and not self._told(claims):
            claims = {**self._user_info(access, claims["sub"]), **claims}
        return self._identity(claims)

    def _redeemed(self, code: str, verifier: str, back: str) -> Mapping[str, Any]:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
        ways = self._description().get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        basic = None
        if self._secret and "client_secret_basic" in ways:
            basic = httpx.BasicAuth(_quoted(self._own.client_id), _quoted(self._secret))
        else:
            form |= {"client_id": self._own.client_id} | ({"client_secret": self._secret} if self._secret else {})
        address = self._address("token_endpoint")
        with self._asking() as client:
            answer = client.post(address, data=form, auth=basic or httpx.USE_CLIENT_DEFAULT)
            if 400 <= answer.status_code < 500:
                raise IdentityError(
                    "refused", f"the provider would not redeem the code ({answer.status_code}); begin again"
                )
            return _plain(answer)

    def _claims(self, token: str, nonce: str) -> Mapping[str, Any]:
        """What a signed token says, every part of it that makes it ours checked."""
        checks = jwt.JWTClaimsRegistry(
            now=lambda: int(self._clock()),
            leeway=self._own.leeway_s,
            iss={"essential": True, "value": self._issuer},
            sub={"essential": True},
            aud={"essential": True, "value": self._own.client_id},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            read = jwt.decode(token, lambda guest: self._key(guest.headers()), algorithms=list(ALGORITHMS))
            checks.validate(read.claims)
        except (JoseError, ValueError, TypeError) as error:
            raise IdentityError(
                "untrusted", f"the token cannot be trusted ({type(error).__name__}); begin again"
            ) from error
        claims = dict(read.claims)
        audience = claims["aud"]
        party = claims.get("azp")
        if (isinstance(audience, list) and len(audience) > 1 and party is None) or party not in (
            None,
            self._own.client_id,
        ):
            raise IdentityError("untrusted", "the token is for another client; begin again")
        if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:
            raise IdentityError("untrusted", "the token names nobody; begin again")
        return claims

    def _key(self, header: Mapping[str, Any]) -> Key:
        """The key that a token says it was signed with; keys that came meanwhile are fetched."""
        wanted = header.get("kid")
        for again in (False, True):
            fitting = [key for key in self._keyring(again) if wanted is None or key.kid == wanted]
            if len(fitting) == 1:
                return fitting[0]
        raise ValueError("no such key")

    def _keyring(self, again: bool) -> tuple[Key, ...]:
        with self._lock:
            age = self._clock() - self._keys[0] if self._keys else None
            kept = self._keys
        if kept is not None and age is not None and 0 <= age < (AGAIN_S if again else KEPT_S):
            return kept[1]
        with self._asking() as client:
            found = _plain(client.get(self._address("jwks_uri"))).get("keys")
        keys = tuple(_keys(found if isinstance(found, list) else []))
        with self._lock:
            self._keys = (self._clock(), keys)
        return keys

    def _user_info(self, access: str, subject: str) -> Mapping[str, Any]:
        """What the provider says of a person beside the token; nothing where it has no such place."""
        if "userinfo_endpoint" not in self._description():
            return {}
        with self._asking() as client:
            told = _plain(client.get(self._address("userinfo_endpoint"), headers={"authorization": f"Bearer {access}"}))
        if told.get("sub") != subject:
            raise IdentityError("untrusted", "the provider answered about another person; begin again")
        return told

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        said = self._told(claims)
        role = next((role for value, role in self._own.roles.items() if value in said), None)
        if role is None:
            raise IdentityError("no_role", f"{self._own.role_claim} gives no role here; see serve.oidc.roles")
        name = str(claims.get(self._own.name_claim) or "")
        if not name:
            raise IdentityError("untrusted", f"no {self._own.name_claim} in the token; see serve.oidc.name_claim")
        return Identity(f"{self._issuer} {claims['sub']}", name, str(claims.get(self._own.display_claim) or name), role)

    def _told(self, claims: Mapping[str, Any]) -> tuple[str, ...]:
        """The values of the role claim; a name with dots leads inward, unless a claim is called just that."""
        found: Any = claims.get(self._own.role_claim)
        if found is None:
            found = claims
            for step in self._own.role_claim.split("."):
                found = found.get(step) if isinstance(found, Mapping) else None
        values = found if isinstance(found, list) else [found]
        return tuple(v for v in values if isinstance(v, str))

    def _description(self) -> Mapping[str, Any]:
        """What the provider says of itself, kept for a while."""
        with self._lock:
            kept = self._described
        if kept is not None and 0 <= self._clock() - kept[0] < KEPT_S:
            return kept[1]
        with self._asking() as client:
            told = _plain(client.get(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"))
        if told.get("issuer") != self._issuer:
            raise IdentityError(
                "untrusted", f"the provider calls itself {told.get('issuer')!r}; correct serve.oidc.issuer"
            )
        with self._lock:
            self._described = (self._clock(), told)
        return told

    def _address(self, what: str) -> str:
        address = str(self._description().get(what, ""))
        parts = urlsplit(address)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
            raise IdentityError("untrusted", f"the provider's {what} is no https address")
        return address

    @contextmanager
    def _asking(self) -> Iterator[httpx.Client]:
        """A client for the provider alone: no redirects, no proxy of the environment."""
        try:
            with httpx.Client(verify=self._trust, timeout=self._own.timeout_s, trust_env=False) as client:
                yield client
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            what = f"the provider at {self._issuer} does not answer ({type(error).__name__}); try again"
            raise IdentityError("unreachable", what) from error


def _plain(answer: httpx.Response) -> Mapping[str, Any]:
    """The JSON object of an answer."""
    answer.raise_for_status()
    try:
        found = answer.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise IdentityError("unreachable", f"the provider's answer at {answer.url.path} cannot be read; try again")
    return found


def _keys(found: list[Any]) -> Iterator[Key]:
    """The keys for signatures among those of the provider; kinds that we do not know are none of ours."""
    for raw in found:
        if isinstance(raw, dict) and raw.get("kty") in ("RSA", "EC") and raw.get("use", "sig") == "sig":
            try:
                yield JWKRegistry.import_key(raw)
            except (JoseError, ValueError, TypeError):
                continue


def _challenge(verifier: str) -> str:
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _quoted(text: str) -> str:
    """As RFC 6749 wants a client's name and secret before they are joined."""
    return urlencode({"": text})[1:]
