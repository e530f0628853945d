"""Access: who may come in. Keys, the cookie after the first visit, and the password."""

import base64
import hashlib
import hmac
import os
import secrets
import time
from pathlib import Path

from starlette.responses import Response

from burnish.apps.studio.settings import StudioSettings
from burnish.apps.studio.tries import Tries, who_by_address
from burnish.errors import OutputError, SettingError

SESSION_S = 30 * 24 * 3600
VISITOR_S = 365 * 24 * 3600
LEAST_PASSWORD = 10


class Access:
    """The keys of one studio. The cookie's secret is kept in the data folder, for its owner alone.

    So who has been let in stays in over a restart. The token is a new one at every start.
    """

    def __init__(self, settings: StudioSettings) -> None:
        if not settings.is_private and not settings.password_hash:
            raise SettingError(
                "password-missing",
                f"host={settings.host}: others can reach this address; set a password",
            )
        self.token = settings.token or secrets.token_urlsafe(32)
        self._hash = settings.password_hash
        self._private = settings.is_private
        self._secret = _secret(settings.folder / "secret")
        self.cookie = f"burnish-studio-{settings.port}"
        self.visitor = f"burnish-visitor-{settings.port}"
        self.tries = Tries()

    @property
    def by_password(self) -> bool:
        """Whether a person comes in by a password, and not by the token in the address."""
        return bool(self._hash)

    def opens(self, token: str) -> bool:
        """Whether this is the token."""
        return hmac.compare_digest(token.encode(), self.token.encode())

    def session(self) -> str:
        """What the cookie of somebody who was let in says."""
        until = str(int(time.time()) + SESSION_S)
        return f"{until}.{self._sign(until)}"

    def knows(self, session: str) -> bool:
        """Whether this cookie was given by ``session``, and is not too old."""
        until = session.partition(".")[0]
        return self._is_signed(session) and until.isdigit() and int(until) > time.time()

    def who(self, cookie: str, address: str) -> tuple[str, bool]:
        """Who tries a password, and whether he was let in before: then by his cookie."""
        if cookie.startswith("v") and self._is_signed(cookie):
            return cookie, True
        return who_by_address(address), False

    def is_password(self, password: str) -> bool:
        """Whether this is the password. It takes some 50 ms, on purpose."""
        from argon2 import PasswordHasher
        from argon2.exceptions import InvalidHashError, VerificationError

        try:
            return bool(PasswordHasher().verify(self._hash, password))
        except (VerificationError, InvalidHashError):
            return False

    def welcome(self, answer: Response, scheme: str) -> None:
        """Give the cookie of somebody who is let in, and one that stays when he leaves."""
        visitor = f"v{secrets.token_hex(16)}"
        for name, value, most_s in (
            (self.cookie, self.session(), SESSION_S),
            (self.visitor, f"{visitor}.{self._sign(visitor)}", VISITOR_S),
        ):
            answer.set_cookie(
                name,
                value,
                max_age=most_s,
                httponly=True,
                samesite="strict",
                secure=scheme == "https",
            )

    def _is_signed(self, cookie: str) -> bool:
        text, _, signed = cookie.partition(".")
        return hmac.compare_digest(signed.encode(), self._sign(text).encode())

    def _sign(self, text: str) -> str:
        signed = hmac.new(self._secret, text.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(signed).decode().rstrip("=")


def password_hash(password: str) -> str:
    """The argon2id hash of a password; too short a one is a ``SettingError``."""
    from argon2 import PasswordHasher

    if len(password) < LEAST_PASSWORD:
        raise SettingError(
            "password-short", f"password: must have {LEAST_PASSWORD} characters or more"
        )
    return PasswordHasher().hash(password)


def _secret(path: Path) -> bytes:
    """The secret kept there, made where there is none."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(made := secrets.token_bytes(32))
            return made
    except FileExistsError:
        kept = path.read_bytes()
        if len(kept) >= 32:
            return kept
        path.unlink()  # the studio died while it wrote it
        return _secret(path)
    except OSError as error:
        raise OutputError(
            "output-failed", f"{path.parent}: cannot be written: {error.strerror}"
        ) from None
