"""A real HTTP server that receives hooks and answers as it is told."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SILENCE = 0  # in the place of a status: never answers


class Receiver:
    """``answers``: the statuses of the next requests; 200 after them."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/hook"
        self.answers: list[int] = []
        self.received: list[tuple[Message, bytes]] = []
        self.over = threading.Event()


@contextmanager
def receiving() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            receiver.received.append((self.headers, self.rfile.read(int(self.headers["Content-Length"]))))
            status = receiver.answers.pop(0) if receiver.answers else 200
            if status == SILENCE:
                receiver.over.wait()
                return
            self.send_response(status)
            self.send_header("Location", receiver.url)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver = Receiver(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield receiver
    receiver.over.set()
    server.shutdown()
    thread.join()
    server.server_close()
