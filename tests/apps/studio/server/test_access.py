"""Who is let in: token, cookie, password; Host and Origin; what every answer says."""

import time
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Request
from starlette.responses import PlainTextResponse
from studio_of_the_tests import BASE, TOKEN, Asgi

from burnish.apps.studio import access as access_module
from burnish.apps.studio.access import Access, password_hash
from burnish.apps.studio.armour import HEADERS
from burnish.apps.studio.guard import LARGEST_BODY, Guard
from burnish.apps.studio.server import studio_app
from burnish.apps.studio.settings import StudioSettings
from burnish.errors import SettingError

Told = httpx.Response


@pytest.fixture
def guarded(tmp_path: Path, loop: object) -> object:
    """Makes a client of an app that has nothing but the guard."""

    def made(**settings: object) -> httpx.Client:
        known = StudioSettings(data=str(tmp_path), token=TOKEN, **settings)
        app = FastAPI(openapi_url=None)

        @app.api_route("/{rest:path}", methods=["GET", "POST", "DELETE"])
        async def anything(request: Request, rest: str) -> PlainTextResponse:
            await request.body()
            return PlainTextResponse("in")

        app.add_middleware(Guard, settings=known, access=Access(known))
        return httpx.Client(transport=Asgi(app, loop), base_url=BASE)

    return made


def let_in(client: httpx.Client) -> None:
    assert client.get("/", params={"token": TOKEN}).status_code == 303
    assert client.get("/").text == "in"


def test_the_token_in_the_address_lets_in_and_goes_away(guarded) -> None:
    client = guarded()
    assert client.get("/").status_code == 401
    assert client.get("/api/projects").json()["code"] == "not-let-in"
    answer = client.get("/", params={"token": TOKEN})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/"
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert client.get("/api/projects").text == "in"


@pytest.mark.parametrize("token", ["", "wrong", TOKEN[:-1], TOKEN + "x", "ä" * 9])
def test_another_token_does_not(guarded, token: str) -> None:
    assert guarded().get("/", params={"token": token}).status_code == 401


def test_the_token_opens_no_api_from_the_address(guarded) -> None:
    """It would stand in logs and be sent on as a referrer."""
    assert guarded().get("/api/projects", params={"token": TOKEN}).status_code == 401


def test_a_program_brings_the_token_in_a_header(guarded) -> None:
    client = guarded()
    answer = client.post("/api/projects", headers={"authorization": f"Bearer {TOKEN}"})
    assert answer.text == "in"
    wrong = client.post("/api/projects", headers={"authorization": "Bearer no"})
    assert wrong.status_code == 401


@pytest.mark.parametrize(
    "cookie", ["", "x", "9999999999.", "9999999999.AAAA", "1.AAAA", "ä.b", '"\\"']
)
def test_a_made_up_cookie_is_nothing(guarded, cookie: str) -> None:
    client = guarded()
    headers = {"cookie": f"burnish-studio-8765={cookie}".encode()}
    assert client.get("/api/projects", headers=headers).status_code == 401


def test_an_old_cookie_is_nothing(guarded, monkeypatch: pytest.MonkeyPatch) -> None:
    client = guarded()
    let_in(client)
    now = time.time()
    monkeypatch.setattr(access_module.time, "time", lambda: now + access_module.SESSION_S + 1)
    assert client.get("/api/projects").status_code == 401


def test_the_cookie_outlives_a_restart_and_its_secret_is_private(guarded, tmp_path: Path) -> None:
    client = guarded()
    let_in(client)
    again = guarded()
    again.cookies = client.cookies
    assert again.get("/api/projects").text == "in"
    assert (tmp_path / "secret").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8765",
        "127.0.0.1.evil.example:8765",
        "127.0.0.1:9999",
        "localhost.evil.example",
        "192.168.1.5:8765",
        "user@127.0.0.1:8765",
        "127.0.0.1:8765/x",
        "127.0.0.1:port",
        "",
        "[::1",
    ],
)
def test_a_foreign_host_is_refused(guarded, host: str) -> None:
    """DNS rebinding: a page's own name is bound to our address, and its cookies and scripts with
    it."""
    client = guarded()
    let_in(client)
    answer = client.get("/api/projects", headers={"host": host})
    assert answer.status_code == 421
    assert answer.json()["code"] == "host"
    told = client.get("/", params={"token": TOKEN}, headers={"host": host})
    assert "set-cookie" not in told.headers


@pytest.mark.parametrize("host", ["127.0.0.1:8765", "localhost:8765", "[::1]:8765", "LOCALHOST"])
def test_our_own_names_are_not(guarded, host: str) -> None:
    client = guarded()
    answer = client.get("/api/x", headers={"host": host, "authorization": f"Bearer {TOKEN}"})
    assert answer.text == "in"


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": "https://127.0.0.1:8765"},
        {"origin": "http://127.0.0.1:8765.evil.example"},
        {},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
    ],
)
def test_what_another_page_asks_is_refused(guarded, headers: dict[str, str]) -> None:
    client = guarded()
    let_in(client)
    for ask in (client.post, client.delete):
        answer = ask("/api/projects", headers=headers)
        assert answer.status_code == 403
        assert answer.json()["code"] == "origin"


@pytest.mark.parametrize("headers", [{"origin": BASE}, {"sec-fetch-site": "same-origin"}])
def test_what_our_own_page_asks_is_done(guarded, headers: dict[str, str]) -> None:
    client = guarded()
    let_in(client)
    assert client.post("/api/projects", headers=headers).text == "in"


def test_another_page_cannot_read_either(guarded) -> None:
    client = guarded()
    let_in(client)
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        assert client.get("/api/projects", headers=headers).status_code == 403


def test_every_answer_is_armoured(guarded) -> None:
    client = guarded()
    for answer in (client.get("/"), client.get("/", params={"token": TOKEN}), client.get("/")):
        for name, value in HEADERS.items():
            assert answer.headers[name] == value
    policy = HEADERS["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy


def test_a_large_request_is_refused_however_it_comes(guarded) -> None:
    client = guarded()
    bearer = {"authorization": f"Bearer {TOKEN}"}
    big = b"x" * (LARGEST_BODY + 1)
    assert client.post("/api/projects", content=big, headers=bearer).status_code == 413
    pieces = (big[i : i + 65_536] for i in range(0, len(big), 65_536))
    answer = client.post(
        "/api/projects", content=pieces, headers={**bearer, "transfer-encoding": "chunked"}
    )
    assert answer.status_code == 413


def test_who_asks_too_often_has_to_wait(guarded) -> None:
    client = guarded(requests_per_s=5.0)
    seen = [client.get("/health").status_code for _ in range(40)]
    assert seen[:20] == [200] * 20
    assert 429 in seen


def test_others_come_by_a_password_only(guarded, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="password"):
        guarded(host="0.0.0.0")
    with pytest.raises(SettingError, match="10 characters"):
        password_hash("short")
    known = password_hash("correct horse battery")
    assert known.startswith("$argon2id$")
    client = guarded(host="0.0.0.0", password_hash=known)
    answer = client.get("/", params={"token": TOKEN})
    assert answer.headers["location"] == "/login"
    assert "set-cookie" not in answer.headers
    made = Access(StudioSettings(data=str(tmp_path), host="0.0.0.0", password_hash=known))
    assert made.is_password("correct horse battery")
    assert not made.is_password("correct horse batterz")
    assert not made.is_password("")


def test_a_studio_for_others_goes_by_addresses_and_names_it_was_told(guarded) -> None:
    known = password_hash("correct horse battery")
    client = guarded(host="0.0.0.0", password_hash=known, names=["studio.example"])
    for host, status in (
        ("studio.example", 200),
        ("192.168.1.5:8765", 200),
        ("evil.example", 421),
        ("x.studio.example", 421),
    ):
        answer = client.get("/api/x", headers={"host": host, "authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == status


def test_the_password_lets_in_and_is_not_tried_for_long(tmp_path: Path, loop: object) -> None:
    known = password_hash("correct horse battery")
    app = studio_app(StudioSettings(data=str(tmp_path / "x"), password_hash=known, workers=1))
    try:
        with httpx.Client(transport=Asgi(app, loop), base_url=BASE) as client:
            assert 'type="password"' in client.get("/login").text
            ours = {"origin": BASE}
            foreign = client.post("/login", content="password=x", headers={"origin": "null"})
            assert foreign.status_code == 403
            wrong = client.post("/login", content="password=wrong", headers=ours)
            assert wrong.status_code == 403
            assert "set-cookie" not in wrong.headers
            said = "password=correct+horse+battery"
            assert client.post("/login", content=said, headers=ours).status_code == 303
            assert client.get("/api/projects").json() == []
            assert client.post("/logout", headers=ours).status_code == 303
            assert client.get("/api/projects").status_code == 401
            tries = [client.post("/login", content="password=x", headers=ours) for _ in range(6)]
            assert tries[-1].status_code == 429
            assert client.post("/login", content=said, headers=ours).status_code == 429
    finally:
        app.state.house.close()
