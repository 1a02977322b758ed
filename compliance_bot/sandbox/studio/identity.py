"""Who calls: static tokens, signed JWTs with 24 h of life, Kratos sessions and the login flow.

Order as the backend has it: Kratos session, identity headers, JWT. The role of a JWT is believed and
not read again from the database.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from typing import Any

from compliance_bot.clock import iso
from compliance_bot.sandbox.studio.calls import User
from compliance_bot.sandbox.studio.records import Records
from compliance_bot.sandbox.studio.rows import Row, new_id
from compliance_bot.sandbox.studio.transport import Answer, answer_error, answer_json

TOKEN_LIFE = 86_400
"""Seconds that an issued JWT lives."""
FLOW_LIFE = 600
"""Seconds that a login flow stays open."""
ISSUER = "studio-idp"
PASSWORD = "studio-password"  # noqa: S105 (the password of every person of a made-up world)
JSON_OBJECT = dict[str, Any]


def _encode(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).decode().rstrip("=")


def _decode(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


class Accounts:
    """Tokens and sessions of the world. ``gateway`` says whether Kong stands in front."""

    def __init__(self, records: Records, *, gateway: bool) -> None:
        self._records = records
        self.gateway = gateway
        self.token_life = float(TOKEN_LIFE)
        self._key = secrets.token_bytes(32)
        self._static: dict[str, tuple[str, str]] = {}
        self._sessions: dict[str, tuple[str, float | None]] = {}
        self._flows: dict[str, float] = {}
        self._passwords: dict[str, str] = {}
        self._revoked: set[str] = set()

    def allow(self, token: str, user_id: str, role: str) -> None:
        """``token`` is a bearer token of that user with that role, for ever."""
        self._static[token] = (user_id, role)
        self._revoked.discard(token)

    def revoke(self, token: str) -> None:
        """Refuse this token or session from now on."""
        self._revoked.add(token)

    def open_session(self, token: str, user_id: str, life: float | None = None) -> None:
        """A Kratos session of that user, for ``life`` seconds (None: for ever)."""
        self._sessions[token] = (user_id, None if life is None else self._records.now() + life)

    def end_sessions(self) -> None:
        """Every Kratos session is over."""
        self._sessions.clear()

    def set_password(self, email: str, password: str) -> None:
        """The password of a person's login; others have the default one."""
        self._passwords[email] = password

    def issue(self, user_id: str, role: str | None = None, life: float | None = None) -> str:
        """A signed JWT of that user, dying ``life`` seconds (24 h) from now."""
        person = self._records.people[user_id]
        now = self._records.now()
        claims = {
            "sub": user_id,
            "email": person["email"],
            "role": role or person["role"],
            "name": person["name"],
            "iss": ISSUER,
            "aud": "studio-api",
            "iat": int(now),
            "exp": int(now + (self.token_life if life is None else life)),
            "jti": new_id(),
        }
        return self.sign(claims)

    def sign(self, claims: Mapping[str, Any]) -> str:
        """A JWT with exactly these claims: the shared secret signs anything."""
        head = _encode(b'{"alg":"HS256","typ":"JWT"}') + "." + _encode(json.dumps(claims).encode())
        return head + "." + _encode(hmac.digest(self._key, head.encode(), hashlib.sha256))

    def _claims(self, token: str) -> JSON_OBJECT | None:
        head, _, signature = token.rpartition(".")
        expected = _encode(hmac.digest(self._key, head.encode(), hashlib.sha256))
        if not hmac.compare_digest(signature.encode(), expected.encode()):
            return None
        claims: JSON_OBJECT = json.loads(_decode(head.partition(".")[2]))
        return claims if self._is_alive(claims) else None

    def _is_alive(self, claims: JSON_OBJECT) -> bool:
        if self.gateway and ("exp" not in claims or claims.get("iss") != ISSUER):
            return False
        return "exp" not in claims or bool(claims["exp"] > self._records.now())

    def _user(self, user_id: str, role: str | None = None) -> User:
        person = self._records.people.get(user_id, {})
        chosen = role or str(person.get("role", "customer"))
        return User(id=user_id, role=chosen, email=person.get("email", ""), name=person.get("name", ""))

    def _session_user(self, token: str | None) -> User | None:
        if token is None or token in self._revoked or token not in self._sessions:
            return None
        user_id, until = self._sessions[token]
        return None if until is not None and until <= self._records.now() else self._user(user_id)

    def session(self, headers: Mapping[str, str], cookies: Mapping[str, str]) -> User | None:
        """The user of a Kratos session in cookie or bearer; JWTs are no sessions."""
        return self._session_user(cookies.get("ory_kratos_session")) or self._session_user(bearer(headers))

    def identify(self, headers: Mapping[str, str], cookies: Mapping[str, str]) -> User | Answer:
        """The caller, or the recorded 401."""
        if not self.gateway:
            user = self.session(headers, cookies) or self._header_user(headers)
            if user is not None:
                return user
        token = bearer(headers) or cookies.get("auth_token")
        if token is None:
            return answer_error("Authentication required", 401)
        return self._token_user(token) or answer_error("Invalid or expired token", 401)

    def _header_user(self, headers: Mapping[str, str]) -> User | None:
        user_id, role = headers.get("X-User-Id"), headers.get("X-User-Role")
        return self._user(user_id, role) if user_id and role else None

    def _token_user(self, token: str) -> User | None:
        if token in self._revoked:
            return None
        if token in self._static:
            return self._user(*self._static[token])
        claims = self._claims(token)
        return (
            self._user(str(claims.get("sub") or claims.get("userId")), claims.get("role")) if claims else None
        )

    def exchange(self, headers: Mapping[str, str], cookies: Mapping[str, str]) -> Answer:
        """``POST /api/auth/token``: a Kratos session for a JWT; a JWT is refused."""
        user = self.session(headers, cookies)
        if user is None:
            return answer_json({"success": False, "error": "No valid session found"}, 401)
        shown = {"id": user.id, "email": user.email, "role": user.role, "name": user.name}
        return answer_json({"success": True, "data": {**self._issued(user), "user": shown}})

    def refresh(self, headers: Mapping[str, str], cookies: Mapping[str, str]) -> Answer:
        """``POST /api/auth/token/refresh``: the same without the user."""
        user = self.session(headers, cookies)
        if user is None:
            return answer_json({"success": False, "error": "Session expired"}, 401)
        return answer_json({"success": True, "data": self._issued(user)})

    def _issued(self, user: User) -> Row:
        return {
            "token": self.issue(user.id, user.role),
            "token_type": "Bearer",
            "expires_in": int(self.token_life),
        }

    def open_flow(self, base: str) -> Answer:
        """``GET /self-service/login/api``: a flow whose ``ui.action`` lies below ``base``."""
        flow = new_id()
        self._flows[flow] = self._records.now() + FLOW_LIFE
        return answer_json(self._flow(flow, base))

    def _flow(self, flow: str, base: str, message: str | None = None) -> Row:
        ui: Row = {"action": f"{base}/self-service/login?flow={flow}", "method": "POST", "nodes": []}
        if message is not None:
            ui["messages"] = [{"id": 4000006, "text": message, "type": "error"}]
        return {"id": flow, "type": "api", "expires_at": iso(self._flows[flow]), "ui": ui}

    def log_in(self, flow: str, body: Any, base: str) -> Answer:
        """``POST`` of ``ui.action``: a session token, or what was wrong."""
        if flow not in self._flows:
            return answer_json({"error": {"code": 404, "status": "Not Found"}}, 404)
        if self._flows[flow] <= self._records.now():
            return answer_json({"error": {"code": 410, "id": "self_service_flow_expired"}}, 410)
        fields = body if isinstance(body, dict) else {}
        person = self._person(fields.get("identifier"))
        good = person is not None and fields.get("method") == "password"
        if person is None or not good or fields.get("password") != self._password(person):
            return answer_json(self._flow(flow, base, "The provided credentials are invalid."), 400)
        del self._flows[flow]
        return answer_json(self._session_answer(person))

    def _person(self, email: Any) -> Row | None:
        return next((row for row in self._records.people.values() if row["email"] == email), None)

    def _password(self, person: Row) -> str:
        return self._passwords.get(str(person["email"]), PASSWORD)

    def _session_answer(self, person: Row) -> Row:
        token = "ory_st_" + secrets.token_urlsafe(24)
        self.open_session(token, str(person["id"]), TOKEN_LIFE)
        identity = {"id": person["id"], "traits": {"email": person["email"]}}
        expires = iso(self._records.now() + TOKEN_LIFE)
        session = {"id": new_id(), "active": True, "expires_at": expires, "identity": identity}
        return {"session_token": token, "session": session}


def bearer(headers: Mapping[str, str]) -> str | None:
    """The bearer token of a request, if any."""
    scheme, _, token = headers.get("Authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None
