"""A token address: signs the bearer tokens a real registry checks (ES256 with its certificate in the header)."""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from tests.servers.faults import Answer, Asked, Server, as_json, serve

ISSUER = "hubctl-test-issuer"
SERVICE = "hubctl-registry"
USER, PASSWORD = "hub", "s3cret:with:colons"
IDENTITY = "canary-identity-token"


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Signer:
    """A key and a self-signed certificate, written to `certificate`."""

    def __init__(self, folder: Path) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, ISSUER)])
        start = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
        built = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self._key.public_key())
            .serial_number(1)
            .not_valid_before(start)
            .not_valid_after(start + dt.timedelta(days=30))
            .sign(self._key, hashes.SHA256())
        )
        self._der = base64.b64encode(built.public_bytes(serialization.Encoding.DER)).decode()
        self.certificate = folder / "issuer.pem"
        self.certificate.write_bytes(built.public_bytes(serialization.Encoding.PEM))

    def token(self, subject: str, access: list[dict[str, object]], life: float) -> str:
        now = int(time.time())
        claims = {"iss": ISSUER, "sub": subject, "aud": SERVICE, "iat": now, "nbf": now - 10, "jti": "1"}
        claims |= {"exp": int(now + life), "access": access}
        header = {"typ": "JWT", "alg": "ES256", "x5c": [self._der]}
        signed = f"{_b64(json.dumps(header).encode())}.{_b64(json.dumps(claims).encode())}"
        r, s = decode_dss_signature(self._key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{signed}.{_b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


@dataclass
class TokenServer:
    """A running token address. Images below `private/` need the login; `life` is the seconds of its tokens."""

    server: Server
    signer: Signer
    life: float = 300
    field: str = "token"
    says_life: bool = True
    refresh_status: int = 200

    @property
    def realm(self) -> str:
        return f"{self.server.base}/token"

    def answer(self, asked: Asked) -> Answer:
        form = {key: values[-1] for key, values in parse_qs(asked.body.decode()).items()}
        if asked.method == "POST" and self.refresh_status != 200:
            return Answer(self.refresh_status)
        query = form if asked.method == "POST" else asked.query
        user = ""
        if asked.method == "POST":
            if form.get("refresh_token") != IDENTITY:
                return as_json({"errors": []}, 401)
            user = USER
        elif "authorization" in asked.headers:
            user = base64.b64decode(asked.headers["authorization"].removeprefix("Basic ")).decode()
            if user not in (f"{USER}:{PASSWORD}", f"<token>:{IDENTITY}"):
                return as_json({"errors": [{"code": "UNAUTHORIZED"}]}, 401)
        access = []
        for scope in query.get("scope", "").split():
            kind, name, actions = scope.split(":")
            if user or not name.startswith("private/"):
                access.append({"type": kind, "name": name, "actions": actions.split(",")})
        given = {self.field: self.signer.token(user, access, self.life)}
        return as_json(given | ({"expires_in": int(self.life)} if self.says_life else {}))


@contextlib.contextmanager
def start_token_server(folder: Path, *, host: str = "127.0.0.1") -> Iterator[TokenServer]:
    """Run a token address; its certificate, for the registry's `rootcertbundle`, lies in `folder`."""
    signer = Signer(folder)
    address = TokenServer(Server(""), signer)
    with serve(address.answer, host=host) as server:
        address.server = server
        yield address
