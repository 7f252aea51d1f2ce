"""A small SMTP server: it takes mail for as long as it runs, with STARTTLS if it has a certificate."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


class MailServer:
    """``said``: the commands it was given, in order, with whether they came encrypted."""

    def __init__(self, certificate: Path | None, refuse: str = "") -> None:
        self.certificate, self.refuse = certificate, refuse
        self.said: list[tuple[str, bool]] = []
        self.mails: list[bytes] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()

    def _serve(self) -> None:
        with suppress(OSError):  # it was closed
            while True:
                connection, _ = self.listener.accept()
                with suppress(OSError):  # a client that does not trust us hangs up
                    self._talk(connection)
                connection.close()

    def _talk(self, connection: socket.socket) -> None:
        connection.settimeout(10)
        encrypted = False
        lines = connection.makefile("rwb")
        self._say(lines, "220 ready")
        while line := lines.readline().decode().strip():
            word = line.split()[0].upper()
            self.said.append((word, encrypted))
            if word == self.refuse:
                self._say(lines, "550 13000000000 is unknown here")
            elif word == "EHLO":
                starttls = "" if encrypted or not self.certificate else "250-STARTTLS\r\n"
                self._say(lines, f"250-here\r\n{starttls}250 AUTH PLAIN")
            elif word == "STARTTLS" and self.certificate:
                self._say(lines, "220 go ahead")
                lines.close()
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(self.certificate)
                connection = context.wrap_socket(connection, server_side=True)
                lines, encrypted = connection.makefile("rwb"), True
            elif word == "DATA":
                self._say(lines, "354 go on")
                self.mails.append(b"".join(iter(lines.readline, b".\r\n")))
                self._say(lines, "250 taken")
            elif word == "QUIT":
                self._say(lines, "221 bye")
                break
            else:
                self._say(lines, "235 welcome" if word == "AUTH" else "250 ok")
        lines.close()
        connection.close()

    @staticmethod
    def _say(lines, text: str) -> None:  # type: ignore[no-untyped-def]
        lines.write(text.encode() + b"\r\n")
        lines.flush()


@contextmanager
def taking_mail(certificate: Path | None = None, refuse: str = "") -> Iterator[MailServer]:
    server = MailServer(certificate, refuse)
    yield server
    server.close()


def make_certificate(folder: Path) -> Path:
    """Of localhost, signed by itself: key and certificate in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "localhost.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path
