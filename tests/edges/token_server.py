"""A token server on loopback: it grants, rotates, revokes, and answers mail servers (RFC 7662)."""

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

CLIENT, SECRET = "mailflow-test", "the secret of the application"


@dataclass
class TokenServer:
    """What the tests set, and what was asked."""

    mailbox: str
    lifetime_seconds: float = 3600
    refuse: str = ""  # an OAuth error to answer with
    away: bool = False  # 503 to everybody who wants a token
    good_refresh_token: str = "first"
    accepted: dict[str, float] = field(default_factory=dict)  # token: when it expires
    asked: list[dict[str, str]] = field(default_factory=list)
    url: str = ""
    number: int = 0

    def revoke_all(self) -> None:
        self.accepted.clear()

    def grant(self, fields: dict[str, str]) -> tuple[int, dict[str, Any]]:
        self.asked.append(fields)
        if self.away:
            return 503, {}
        if self.refuse:
            return 400, {"error": self.refuse, "error_description": "AADSTS7000215: wrong secret"}
        answer: dict[str, Any] = {}
        match fields["grant_type"]:
            case "client_credentials" if fields.get("client_secret") != SECRET:
                return 401, {"error": "invalid_client"}
            case "refresh_token" if fields["refresh_token"] != self.good_refresh_token:
                return 400, {"error": "invalid_grant"}
            case "refresh_token":  # it works once, as with servers that rotate
                self.good_refresh_token = f"rotated-{self.number}"
                answer["refresh_token"] = self.good_refresh_token
            case _:
                pass
        self.number += 1
        token = f"access-{self.number}"
        self.accepted[token] = time.time() + self.lifetime_seconds
        return 200, answer | {"access_token": token, "expires_in": self.lifetime_seconds}

    def introspect(self, token: str) -> dict[str, Any]:
        if self.accepted.get(token, 0) <= time.time():
            return {"active": False}
        return {"active": True, "email": self.mailbox, "username": self.mailbox}


@contextlib.contextmanager
def running_token_server(mailbox: str) -> Iterator[TokenServer]:
    tokens = TokenServer(mailbox)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            fields = {key: values[0] for key, values in parse_qs(body).items()}
            if self.path == "/introspect":
                self._answer(200, tokens.introspect(fields.get("token", "")))
            else:
                self._answer(*tokens.grant(fields))

        def _answer(self, status: int, content: dict[str, Any]) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    tokens.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield tokens
    finally:
        server.shutdown()
        server.server_close()
