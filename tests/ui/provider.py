"""An OpenID provider on this machine, over real HTTP: it signs with RS256 and keeps to the rules, unless told to break one.

It signs by hand, with `cryptography` alone, so that the product's library is not proven by itself.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from base64 import b64decode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

CLIENT, SECRET = "advisor-copilot", "s3cret/with+signs"


def b64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value: int) -> str:
    return b64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


@dataclass
class Loopback:
    """The provider. `person` are the claims of whoever is signed in there; the rest breaks a rule."""

    person: dict[str, Any] = field(
        default_factory=lambda: {"sub": "7", "preferred_username": "na", "name": "李娜", "roles": ["rm"]}
    )
    url: str = ""
    keys: dict[str, RSAPrivateKey] = field(default_factory=dict)
    signing: str = ""
    published: list[str] | None = None
    """Names of the published keys; all when None."""
    claims: dict[str, Any] = field(default_factory=dict)
    """Claims of the token that are another than they should be; None leaves one out."""
    header: dict[str, Any] = field(default_factory=dict)
    tamper: Any = None
    """What is done to the finished token."""
    userinfo: dict[str, Any] | None = None
    error: str = ""
    down: set[str] = field(default_factory=set)
    """Paths that answer 500."""
    garbage: set[str] = field(default_factory=set)
    """Paths that answer no JSON."""
    issuer: str = ""
    methods: list[str] = field(default_factory=lambda: ["client_secret_basic"])
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def make_key(self, name: str) -> None:
        self.keys[name] = generate_private_key(65537, 2048)
        self.signing = name

    def described(self) -> dict[str, Any]:
        found = {
            "issuer": self.issuer or self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "token_endpoint_auth_methods_supported": self.methods,
        }
        return found | ({"userinfo_endpoint": f"{self.url}/userinfo"} if self.userinfo is not None else {})

    def key_set(self) -> dict[str, Any]:
        names = self.keys if self.published is None else self.published
        found = []
        for name in names:
            public = self.keys[name].public_key().public_numbers()
            found.append({"kty": "RSA", "use": "sig", "kid": name, "n": number(public.n), "e": number(public.e)})
        return {"keys": [{"kty": "odd"}, *found]}

    def authorize(self, query: dict[str, str]) -> str:
        """Where the browser is sent back to, as if its person had just signed in."""
        assert query["code_challenge_method"] == "S256"
        back = {"state": query["state"]}
        if self.error:
            back["error"] = self.error
        else:
            back["code"] = secrets.token_urlsafe(16)
            self.codes[back["code"]] = query
        return f"{query['redirect_uri']}?{urlencode(back)}"

    def redeem(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """A token for a code: once, to the client it was given to, with the verifier and address it was asked with."""
        if authorization:
            name, _, secret = b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
            client = (unquote_plus(name), unquote_plus(secret))
        else:
            client = (form.get("client_id", ""), form.get("client_secret", ""))
        asked = self.codes.pop(form.get("code", ""), None)
        challenge = b64(sha256(form.get("code_verifier", "").encode()).digest())
        if client != (CLIENT, SECRET) or asked is None or challenge != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        if form.get("redirect_uri") != asked["redirect_uri"] or asked["client_id"] != CLIENT:
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "at", "token_type": "Bearer", "id_token": self.token(asked["nonce"])}

    def token(self, nonce: str) -> str:
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            **self.person,
            **self.claims,
        }
        claims = {k: v for k, v in claims.items() if v is not None}
        header = {"alg": "RS256", "kid": self.signing, **self.header}
        body = ".".join(b64(json.dumps(part).encode()) for part in (header, claims))
        token = f"{body}.{b64(self.keys[self.signing].sign(body.encode(), PKCS1v15(), SHA256()))}"
        return self.tamper(token) if self.tamper else token


def changed(token: str, **claims: Any) -> str:
    """A token with other claims and the old signature."""
    head, body, signature = token.split(".")
    told = json.loads(urlsafe_b64decode(body + "=="))
    return f"{head}.{b64(json.dumps({**told, **claims}).encode())}.{signature}"


def unsigned(token: str) -> str:
    """A token that says it needs no signature."""
    return f"{b64(json.dumps({'alg': 'none'}).encode())}.{token.split('.')[1]}."


@contextmanager
def running() -> Iterator[Loopback]:
    """A provider on a port of its own."""
    provider = Loopback()
    provider.make_key("k1")

    class Answers(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            provider.asked.append(path)
            if path == "/authorize":
                self.send_response(302)
                self.send_header("location", provider.authorize({k: v[0] for k, v in parse_qs(query).items()}))
                self.end_headers()
            elif path == "/.well-known/openid-configuration":
                self.say(path, 200, provider.described())
            elif path == "/keys":
                self.say(path, 200, provider.key_set())
            elif path == "/userinfo" and self.headers["authorization"] == "Bearer at":
                self.say(path, 200, provider.userinfo or {})
            else:
                self.say(path, 404, {})

        def do_POST(self) -> None:
            provider.asked.append(self.path)
            sent = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {k: v[0] for k, v in parse_qs(sent).items()}
            self.say(self.path, *provider.redeem(form, self.headers.get("authorization", "")))

        def say(self, path: str, status: int, value: dict[str, Any]) -> None:
            body = b"<html>" if path in provider.garbage else json.dumps(value).encode()
            self.send_response(500 if path in provider.down else status)
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def authorized(provider: Loopback, address: str) -> str:
    """What a browser does at the provider: the address it is sent back to."""
    parts = urlsplit(address)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{provider.url}/authorize"
    return provider.authorize({k: v[0] for k, v in parse_qs(parts.query).items()})
