"""Which role the gateway lets pass where, and what the backend's own role check says.

Source: Studio's published Rego policy and role lists, as the roles table of the platform notes sums up.
"""

from __future__ import annotations

from compliance_bot.sandbox.studio.calls import User
from compliance_bot.sandbox.studio.transport import Answer, answer_error, answer_json

READ = ("GET", "HEAD")

_BACKEND = {
    "/api/manager/": ("admin", "manager"),
    "/api/auditor/": ("auditor", "manager", "reviewer"),
    "/api/customer/": ("customer", "admin"),
}


def _gateway_roles(method: str, path: str) -> tuple[str, ...]:
    read = method in READ
    if path.startswith("/api/findings"):
        return ("customer", "auditor", "admin")
    if path.startswith("/api/manager/"):
        return ("admin", "manager")
    if path.startswith("/api/auditor/"):
        return ("admin", "auditor", "manager") if read else ("admin", "auditor")
    if path.startswith("/api/customer/"):
        return ("admin", "customer", "manager") if read else ("admin", "customer")
    return ("admin",)


def refuse_at_gateway(method: str, path: str, user: User) -> Answer | None:
    """The policy's 403 ``{message, details}``, or None where the role may pass."""
    if user.role in _gateway_roles(method, path):
        return None
    details = {"role": user.role, "path": path, "method": method}
    return answer_json({"message": "Access denied", "details": details}, 403)


def refuse_at_backend(path: str, user: User) -> Answer | None:
    """The backend's own 403, or None where the role may pass."""
    for prefix, roles in _BACKEND.items():
        if path.startswith(prefix) and user.role not in roles:
            return answer_error("Insufficient permissions", 403)
    return None
