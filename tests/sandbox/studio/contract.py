"""Checks answers of the embedded Studio against the contract file, and replays the recorded ones."""

from __future__ import annotations

import functools
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import yaml
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

HERE = Path(__file__).parent
FALLBACK = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    413: "HtmlNotFound",
    429: "V1RateLimited",
    500: "ServerError",
}
"""The component that describes a status which the operation itself does not list."""
UNLISTED = {"/api/auth/login", "/self-service/login/api", "/self-service/login"}
"""Routes that the contract file does not describe."""


@functools.cache
def contract() -> dict[str, Any]:
    """The contract file."""
    document: dict[str, Any] = yaml.safe_load((HERE / "openapi.yaml").read_text())
    return document


@functools.cache
def registry() -> Registry[Any]:
    """The contract's schemas under the name ``contract``."""
    resource = DRAFT202012.create_resource(contract())
    return Registry().with_resource("urn:contract", resource)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One answer as it came over the wire."""

    method: str
    path: str
    status: int
    headers: Any
    raw: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.raw)

    @property
    def text(self) -> str:
        """The body as text."""
        return self.raw.decode()

    @property
    def is_json(self) -> bool:
        """True where the answer calls itself JSON."""
        return str(self.headers.get("Content-Type", "")).startswith("application/json")


def _operation(method: str, path: str) -> dict[str, Any] | None:
    for template, operations in contract()["paths"].items():
        pattern = re.sub(r"\{\w+\}", "[^/]+", template)
        exact = re.fullmatch(pattern, path)
        literal = template == path or not any(path == other for other in contract()["paths"])
        if exact and literal and method.lower() in operations:
            found: dict[str, Any] = operations[method.lower()]
            return found
    return None


def _local(node: Any) -> Any:
    """The node with its references made absolute, so that the registry resolves them."""
    if isinstance(node, dict):
        return {
            key: f"urn:contract{value}" if key == "$ref" else _local(value) for key, value in node.items()
        }
    return [_local(item) for item in node] if isinstance(node, list) else node


def _response(operation: dict[str, Any] | None, status: int) -> dict[str, Any]:
    listed = (operation or {}).get("responses", {}).get(str(status))
    node = listed if listed is not None else {"$ref": f"#/components/responses/{FALLBACK[status]}"}
    while "$ref" in node:
        name = node["$ref"].rsplit("/", 1)[1]
        node = contract()["components"]["responses"][name]
    found: dict[str, Any] = node
    return found


def check(reply: Reply) -> None:
    """Raise where the answer is not one that the contract allows."""
    path = urlsplit(reply.path).path
    if reply.status in (204, 304) or reply.method == "HEAD" or path in UNLISTED:
        return
    operation = _operation(reply.method, path)
    if not reply.is_json:
        assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
        assert reply.status in (400, 404, 413)
        return
    schema = _response(operation, reply.status)["content"]["application/json"]["schema"]
    Draft202012Validator(_local(schema), registry=registry()).validate(reply.json)


@dataclass(kw_only=True)
class Caller:
    """Calls the embedded Studio over real HTTP; every answer is checked against the contract."""

    session: aiohttp.ClientSession
    base: str

    async def __call__(
        self,
        method: str,
        path: str,
        *,
        role: str | None = "customer",
        headers: dict[str, str] | None = None,
        **request: Any,
    ) -> Reply:
        """One call as a role (None: without a token)."""
        sent = dict(headers or {})
        if role is not None:
            sent.setdefault("Authorization", f"Bearer studio-{role}-token")
        async with self.session.request(method, self.base + path, headers=sent, **request) as response:
            raw = await response.read()
            reply = Reply(method=method, path=path, status=response.status, headers=response.headers, raw=raw)
        check(reply)
        return reply
