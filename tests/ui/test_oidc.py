"""The bank's own sign-in against a provider on this machine: the way in, every lie told on it, and every failure."""

from __future__ import annotations

import re
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from fake_app import PASSWORD, FakeApp
from fastapi.testclient import TestClient
from provider import CLIENT, SECRET, Loopback, authorized, changed, running, unsigned

from copilot.errors import IdentityError, SettingsError
from copilot.identity import Journey, Provider
from copilot.settings import OidcSettings
from ui.app import create_app

BACK = "http://desk/login/oidc/back"


@pytest.fixture
def provider(monkeypatch):
    monkeypatch.setenv("OIDC_CLIENT_SECRET", SECRET)
    with running() as made:
        yield made


def settings(provider: Loopback, **more) -> OidcSettings:
    roles = {"rm-lead": "trainer", "rm": "advisor", "legal": "compliance"}
    return OidcSettings(issuer=provider.url, client_id=CLIENT, roles=roles, **more)


def travel(ours: Provider, provider: Loopback, journey: Journey | None = None, **answer):
    """One whole way to the provider and back."""
    journey = journey or Journey.begun()
    there = authorized(provider, ours.leave(journey, BACK))
    said = {k: v[0] for k, v in parse_qs(urlsplit(there).query).items()} | answer
    return ours.arrive(journey, said, BACK)


def refused(ours, provider, *args, **answer) -> str:
    with pytest.raises(IdentityError) as error:
        travel(ours, provider, *args, **answer)
    assert "\n" not in str(error.value)
    return error.value.why


def test_somebody_comes_back_as_who_he_is(provider):
    who = travel(Provider(settings(provider)), provider)
    assert (who.subject, who.name, who.display, who.role) == (f"{provider.url} 7", "na", "李娜", "advisor")


def test_what_the_provider_is_asked_holds_state_nonce_and_challenge(provider):
    journey = Journey.begun()
    asked = {k: v[0] for k, v in parse_qs(urlsplit(Provider(settings(provider)).leave(journey, BACK)).query).items()}
    assert (asked["response_type"], asked["client_id"], asked["redirect_uri"]) == ("code", CLIENT, BACK)
    assert (asked["state"], asked["nonce"], asked["code_challenge_method"]) == (journey.state, journey.nonce, "S256")
    assert journey.verifier not in str(asked)
    assert Journey.read(journey.written()) == journey
    assert Journey.read("a.b.c") is None
    assert Journey.read(None) is None


@pytest.mark.parametrize("methods", [["client_secret_basic"], ["client_secret_post"]])
def test_the_secret_is_told_as_the_provider_wants_it(provider, methods):
    provider.methods = methods
    assert travel(Provider(settings(provider)), provider).name == "na"


@pytest.mark.parametrize(
    ("roles", "role"),
    [(["rm"], "advisor"), (["rm", "rm-lead"], "trainer"), ("legal", "compliance"), (["x", "legal"], "compliance")],
)
def test_the_first_role_of_the_mapping_counts(provider, roles, role):
    provider.person["roles"] = roles
    assert travel(Provider(settings(provider)), provider).role == role


@pytest.mark.parametrize("roles", [[], ["guest"], None, {"rm": True}, "RM", [["rm"]]])
def test_without_a_role_nobody_comes_in(provider, roles):
    provider.person["roles"] = roles
    assert refused(Provider(settings(provider)), provider) == "no_role"


def test_a_role_may_lie_deeper_or_beside_the_token(provider):
    provider.person["roles"] = None
    provider.person["realm_access"] = {"roles": ["legal"]}
    assert travel(Provider(settings(provider, role_claim="realm_access.roles")), provider).role == "compliance"
    provider.userinfo = {"sub": "7", "roles": ["rm"]}
    assert travel(Provider(settings(provider)), provider).role == "advisor"
    provider.userinfo = {"sub": "8", "roles": ["rm"]}
    assert refused(Provider(settings(provider)), provider) == "untrusted"


NOW = time.time()


@pytest.mark.parametrize(
    "lie",
    [
        {"claims": {"iss": "https://evil.example"}},
        {"claims": {"iss": None}},
        {"claims": {"aud": "another-client"}},
        {"claims": {"aud": None}},
        {"claims": {"aud": [CLIENT, "another"]}},
        {"claims": {"azp": "another"}},
        {"claims": {"aud": [CLIENT, "another"], "azp": "another"}},
        {"claims": {"nonce": "another"}},
        {"claims": {"nonce": None}},
        {"claims": {"exp": int(NOW) - 36_000}},
        {"claims": {"exp": None}},
        {"claims": {"exp": "soon"}},
        {"claims": {"iat": int(NOW) + 36_000}},
        {"claims": {"nbf": int(NOW) + 36_000}},
        {"claims": {"sub": None}},
        {"claims": {"sub": ""}},
        {"claims": {"sub": 7}},
        {"claims": {"preferred_username": None}},
        {"header": {"kid": "nobody's"}},
        {"header": {"alg": "HS256"}},
        {"header": {"alg": "none"}},
        {"header": {"crit": ["odd"], "odd": 1}},
        {"tamper": lambda token: changed(token, sub="8")},
        {"tamper": lambda token: changed(token, roles=["legal"])},
        {"tamper": unsigned},
        {"tamper": lambda token: token[:-8] + "AAAAAAAA"},
        {"tamper": lambda token: token.rsplit(".", 1)[0] + "."},
        {"tamper": lambda token: "no token"},
        {"tamper": lambda token: ""},
        {"published": []},
        {"issuer": "https://evil.example"},
    ],
    ids=lambda lie: str(next(iter(lie.items())))[:60],
)
def test_no_lie_is_believed(provider, lie):
    for name, value in lie.items():
        setattr(provider, name, value)
    assert refused(Provider(settings(provider)), provider) == "untrusted"


def test_a_token_signed_by_another_key_of_the_same_name_is_not_believed(provider):
    ours = Provider(settings(provider))
    assert travel(ours, provider).name == "na"
    provider.make_key("k1")
    assert refused(ours, provider) == "untrusted"  # the key that was published holds


def test_a_new_key_is_fetched_and_an_unknown_one_is_not_asked_for_again_and_again(provider):
    clock = [time.time()]
    ours = Provider(settings(provider, leeway_s=300), lambda: clock[0])
    assert travel(ours, provider).name == "na"
    provider.make_key("k2")
    clock[0] += 60
    assert travel(ours, provider).name == "na"
    provider.header = {"kid": "k9"}
    provider.asked.clear()
    for _ in range(3):
        assert refused(ours, provider) == "untrusted"
    assert provider.asked.count("/keys") == 0  # they came a moment ago


@pytest.mark.parametrize(("off", "good"), [(0, True), (50, True), (-50, True), (200, False)])
def test_clocks_may_differ_by_the_leeway(provider, off, good):
    provider.claims = {"iat": int(time.time()) + off, "exp": int(time.time()) + off + 1}
    if off == -50:
        provider.claims["iat"] -= 300
    ours = Provider(settings(provider, leeway_s=60))
    assert (travel(ours, provider).name == "na") if good else (refused(ours, provider) == "untrusted")


def test_an_answer_of_another_sign_in_is_refused(provider):
    ours = Provider(settings(provider))
    assert refused(ours, provider, state="another") == "untrusted"
    assert refused(ours, provider, state="") == "untrusted"
    assert refused(ours, provider, iss="https://evil.example") == "untrusted"


def test_a_code_of_another_browser_is_worth_nothing_here(provider):
    """Without the verifier that asked for it a stolen code is not redeemed."""
    ours = Provider(settings(provider))
    stolen = parse_qs(urlsplit(authorized(provider, ours.leave(Journey.begun(), BACK))).query)["code"][0]
    assert refused(ours, provider, code=stolen) == "refused"


def test_a_refusal_of_the_provider_is_one_line(provider):
    provider.error = "access_denied"
    assert refused(Provider(settings(provider)), provider) == "refused"


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token", "/keys"])
@pytest.mark.parametrize("how", ["down", "garbage"])
def test_a_provider_that_fails_is_one_line(provider, how, path):
    getattr(provider, how).add(path)
    assert refused(Provider(settings(provider)), provider) == "unreachable"


def test_a_provider_that_is_gone_is_one_line(provider):
    own = settings(provider, timeout_s=1)
    gone = own.model_copy(update={"issuer": "http://127.0.0.1:9"})
    with pytest.raises(IdentityError) as error:
        Provider(gone).leave(Journey.begun(), BACK)
    assert error.value.why == "unreachable"


def test_a_missing_secret_or_certificate_stops_the_start(provider, monkeypatch, tmp_path):
    with pytest.raises(SettingsError, match=r"serve\.oidc\.ca"):
        Provider(settings(provider, ca=tmp_path / "none.pem"))
    monkeypatch.delenv("OIDC_CLIENT_SECRET")
    with pytest.raises(SettingsError, match="OIDC_CLIENT_SECRET"):
        Provider(settings(provider))


@pytest.fixture
def made(provider, tmp_path):
    """A desk with the provider, by whatever else is set."""

    def make(**more):
        app = FakeApp(tmp_path, oidc=settings(provider, **more)).people()
        return app, TestClient(create_app(app), follow_redirects=False)

    return make


def go(web, provider, onward=""):
    """A browser's way through the provider."""
    leaving = web.get(f"/login/oidc?next={onward}")
    if leaving.headers["location"].startswith("/login"):
        return leaving
    there = urlsplit(authorized(provider, leaving.headers["location"]))
    return web.get(f"{there.path}?{there.query}")


def test_a_person_of_the_bank_signs_in_and_stands_in_the_record(made, provider):
    app, web = made()
    assert "/login/oidc" in web.get("/login").text
    answer = go(web, provider)
    assert (answer.status_code, answer.headers["location"]) == (303, "/advisor")
    account = app.users.account("na")
    assert (account.user.display, account.subject) == ("李娜", f"{provider.url} 7")
    added = app.record.read(kinds=("account",), newest=1)[0]
    assert added.payload == {"act": "add", "user": "na", "role": "advisor", "by": "oidc"}
    assert app.record.verify().ok
    provider.person |= {"roles": ["legal"], "preferred_username": "na.new"}  # the number stays, so the account does
    assert go(web, provider).headers["location"] == "/compliance"
    assert app.users.account("na.new") is None
    changed_role = app.record.read(kinds=("account",), newest=1)[0]
    assert (changed_role.payload["before"], changed_role.payload["role"]) == ("advisor", "compliance")
    page = web.get("/account").text
    assert "密码在那边修改" in page
    assert "new-password" not in page


def test_she_lands_where_she_wanted_and_nowhere_else(made, provider):
    _, web = made()
    assert go(web, provider, "/en/advisor").headers["location"] == "/en/advisor"
    assert go(web, provider, "https://evil.example").headers["location"] == "/advisor"
    assert go(web, provider, "/trainer").headers["location"] == "/advisor"


def test_an_answer_that_this_browser_did_not_ask_for_is_refused(made, provider):
    """Somebody else's answer, sent as a link, signs nobody in."""
    app, web = made()
    theirs = TestClient(web.app, follow_redirects=False)
    there = urlsplit(authorized(provider, theirs.get("/login/oidc").headers["location"]))
    assert web.get(f"{there.path}?{there.query}").headers["location"] == "/login?oidc=untrusted"
    web.get("/login/oidc")
    assert web.get(f"{there.path}?{there.query}").headers["location"] == "/login?oidc=untrusted"
    assert app.users.account("na") is None
    assert "advisor_session" not in web.cookies


def test_an_answer_counts_once(made, provider):
    _, web = made()
    there = urlsplit(authorized(provider, web.get("/login/oidc").headers["location"]))
    assert web.get(f"{there.path}?{there.query}").headers["location"] == "/advisor"
    assert web.get(f"{there.path}?{there.query}").headers["location"] == "/login?oidc=untrusted"


def test_a_local_account_is_not_taken_over_unless_names_are_the_same_people(made, provider):
    app, web = made()
    provider.person["preferred_username"] = "root"
    assert go(web, provider).headers["location"] == "/login?oidc=taken"
    assert app.users.account("root").subject is None
    assert "另一个账号" in web.get("/login?oidc=taken").text


def test_with_links_by_name_the_account_goes_over_and_its_password_ends(made, provider):
    app, web = made(link_by_name=True)
    provider.person["preferred_username"] = "li"
    assert go(web, provider).headers["location"] == "/advisor"
    assert app.users.account("li").subject == f"{provider.url} 7"
    assert not app.sessions.proves("li", PASSWORD)
    provider.person |= {"sub": "8"}
    assert go(web, provider).headers["location"] == "/login?oidc=taken"  # linked once, it is somebody's


def test_a_closed_account_stays_closed(made, provider):
    app, web = made()
    go(web, provider)
    app.users.deactivate("na")
    assert go(web, provider).headers["location"] == "/login?oidc=closed"


def local(web, name="li"):
    csrf = re.search(r'name="csrf" value="([^"]+)"', web.get("/login").text)
    return web.post("/login", data={"name": name, "password": PASSWORD, "csrf": csrf.group(1) if csrf else ""})


def test_while_the_provider_is_down_a_password_still_opens_the_desk(made, provider):
    _, web = made()
    provider.down.add("/.well-known/openid-configuration")
    assert go(web, provider).headers["location"] == "/login?oidc=unreachable"
    page = web.get("/login?oidc=unreachable").text
    assert "暂时没有回应" in page
    assert "本系统密码" in page
    assert local(web).headers["location"] == "/advisor"


def test_an_exclusive_provider_leaves_no_password(made, provider):
    _, web = made(exclusive=True)
    page = web.get("/login").text
    assert "/login/oidc" in page
    assert 'type="password"' not in page
    assert local(web).status_code == 403
    provider.down.add("/.well-known/openid-configuration")
    assert go(web, provider).headers["location"] == "/login?oidc=unreachable"
    assert "也可以用本系统密码" not in web.get("/login?oidc=unreachable").text
    provider.down.clear()
    assert go(web, provider).headers["location"] == "/advisor"


def test_without_a_provider_there_is_no_such_door(tmp_path):
    web = TestClient(create_app(FakeApp(tmp_path)), follow_redirects=False)
    assert "/login/oidc" not in web.get("/login").text
    assert web.get("/login/oidc").status_code == 404
    assert "统一登录" not in web.get("/login?oidc=unreachable").text


def test_nothing_secret_is_left_in_the_browser(made, provider):
    _, web = made()
    leaving = web.get("/login/oidc")
    for cookie in leaving.headers.get_list("set-cookie"):
        assert "httponly" in cookie.lower()
        assert "samesite=lax" in cookie.lower()
        assert SECRET not in cookie
    there = urlsplit(authorized(provider, leaving.headers["location"]))
    web.get(f"{there.path}?{there.query}")
    assert "advisor_journey" not in web.cookies
    assert "advisor_wanted" not in web.cookies
