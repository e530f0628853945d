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
from burnish.errors import OutputError, SettingError

SESSION_S = 30 * 24 * 3600
LEAST_PASSWORD = 10
_TRIES, _TRIES_S = 5, 60.0


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
        self._tries: list[float] = []
        self.cookie = f"burnish-studio-{settings.port}"

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
        until, _, signed = session.partition(".")
        if not hmac.compare_digest(signed.encode(), self._sign(until).encode()):
            return False
        return until.isdigit() and int(until) > time.time()

    def may_try(self) -> bool:
        """Whether another password may be tried now: five a minute, whoever tries."""
        now = time.monotonic()
        self._tries = [at for at in self._tries if at > now - _TRIES_S]
        if len(self._tries) >= _TRIES:
            return False
        self._tries.append(now)
        return True

    def is_password(self, password: str) -> bool:
        """Whether this is the password. It takes some 50 ms, on purpose."""
        from argon2 import PasswordHasher
        from argon2.exceptions import InvalidHashError, VerificationError

        try:
            return bool(PasswordHasher().verify(self._hash, password))
        except (VerificationError, InvalidHashError):
            return False

    def welcome(self, answer: Response, scheme: str) -> None:
        """Give the cookie of somebody who is let in."""
        answer.set_cookie(
            self.cookie,
            self.session(),
            max_age=SESSION_S,
            httponly=True,
            samesite="strict",
            secure=scheme == "https",
        )

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
