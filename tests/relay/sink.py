# SPDX-License-Identifier: Apache-2.0
"""A next server whose every reply a test decides.  One thread a connection; loopback."""
import email
import socket
import ssl
import threading
import time


def decoded(data):
    """The text of a mail as its reader gets it: long lines are coded on the way."""
    return email.message_from_bytes(data).get_payload(decode=True)


class Sink:
    """says: command -> reply, a list of replies (one each time, the last for ever), or a function of the
    line.  Commands: CONNECT EHLO HELO STARTTLS AUTH MAIL RCPT DATA DOT RSET QUIT.  A reply of None
    never comes; "" hangs up; "reset" resets the connection; after 421 it hangs up, as RFC 5321 (3.8) has it.
    "RCPT someone@x" goes before "RCPT"."""

    def __init__(self, address="127.0.0.1", port=0, says=None, extensions=("PIPELINING", "SIZE 50000000", "8BITMIME"),
                 certificate=None, delay=0.0):
        self.says = dict(says or {})
        self.extensions = list(extensions)
        self.in_clear = ["STARTTLS"]  # of these: not said any more behind STARTTLS
        self.tls = None
        self.asked_for = []     # names in SNI
        if certificate:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(*certificate)
            self.tls.sni_callback = lambda _socket, name, _context: self.asked_for.append(name)
            self.extensions.append("STARTTLS")
        self.delay = delay
        self.lock = threading.Lock()
        self.messages = []      # {"sender", "rcpts", "data" (bytes, dots removed), "tls", "login", "raw"}
        self.connections = 0
        self.open = 0
        self.most_open = 0
        self.lines = []         # all commands
        self.socket = socket.create_server((address, port), backlog=200)
        self.address, self.port = self.socket.getsockname()[:2]
        self.closing = False
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def where(self):
        return f"{self.address}:{self.port}"

    def close(self):
        self.closing = True
        self.socket.close()

    def wait(self, n, seconds=10):
        """Waits for n messages; returns whether they came."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and len(self.messages) < n:
            time.sleep(0.01)
        return len(self.messages) >= n

    def _accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with self.lock:
                self.connections += 1
                self.open += 1
                self.most_open = max(self.most_open, self.open)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _Talk(self, connection).run()
        except (OSError, EOFError, ssl.SSLError):
            pass
        finally:
            with self.lock:
                self.open -= 1
            connection.close()

    def reply_to(self, verb, line):
        argument = line.split("<", 1)[1].split(">", 1)[0] if "<" in line else ""
        with self.lock:
            for key in (f"{verb} {argument}", verb):
                if key in self.says:
                    says = self.says[key]
                    if callable(says):
                        return says(line)
                    if isinstance(says, list):
                        return says.pop(0) if len(says) > 1 else says[0]
                    return says
        return {"CONNECT": "220 sink.test ESMTP", "MAIL": "250 2.1.0 Ok", "RCPT": "250 2.1.5 Ok", "DATA": "354 go on",
                "DOT": "250 2.0.0 Ok: queued as SINK%d" % (len(self.messages) + 1), "RSET": "250 2.0.0 Ok",
                "QUIT": "221 2.0.0 Bye", "NOOP": "250 2.0.0 Ok", "HELO": "250 sink.test",
                "AUTH": "235 2.7.0 welcome", "STARTTLS": "220 2.0.0 go on"}.get(verb, "502 5.5.2 what?")


class _Talk:
    def __init__(self, sink, connection):
        self.sink, self.connection, self.buffer = sink, connection, b""
        self.sender, self.rcpts, self.login, self.secure = None, [], "", False

    def line(self):
        while b"\n" not in self.buffer:
            more = self.connection.recv(65536)
            if not more:
                raise EOFError
            self.buffer += more
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line.rstrip(b"\r").decode("utf-8", "replace")

    def say(self, verb, line=""):
        reply = self.sink.reply_to(verb, line)
        if self.sink.delay:
            time.sleep(self.sink.delay)
        if reply is None:
            while not self.sink.closing:
                time.sleep(0.05)
            raise EOFError
        if reply == "":
            raise EOFError
        if reply == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            raise EOFError
        self.connection.sendall(reply.encode() + b"\r\n")
        if reply.startswith("421"):
            raise EOFError
        return reply[:1]

    def message(self):
        lines, raw = [], bytearray()
        while True:
            while b"\r\n" not in self.buffer:
                more = self.connection.recv(65536)
                if not more:
                    raise EOFError
                self.buffer += more
            line, self.buffer = self.buffer.split(b"\r\n", 1)
            raw += line + b"\r\n"
            if line == b".":
                return b"".join(x[1:] if x.startswith(b".") else x for x in lines), bytes(raw)
            lines.append(line + b"\r\n")

    def data(self, line):
        if self.say("DATA", line) != "3":
            return
        data, raw = self.message()
        if self.say("DOT") == "2":
            with self.sink.lock:
                self.sink.messages.append({"sender": self.sender, "rcpts": self.rcpts, "data": data, "raw": raw,
                                           "tls": self.secure, "login": self.login})
        self.sender, self.rcpts = None, []

    def bdat(self, line):
        """BDAT n LAST, the only way our own sender says it: the bytes come before any answer (RFC 3030, 2)."""
        n, last = int(line.split()[1]), line.split()[2:] == ["LAST"]
        while len(self.buffer) < n:
            more = self.connection.recv(65536)
            if not more:
                raise EOFError
            self.buffer += more
        data, self.buffer = self.buffer[:n], self.buffer[n:]
        if not last or self.sender is None or not self.rcpts:
            self.connection.sendall(b"503 5.5.1 No recipients\r\n")
        elif self.say("DOT") == "2":
            with self.sink.lock:
                self.sink.messages.append({"sender": self.sender, "rcpts": self.rcpts, "data": data, "raw": data,
                                           "tls": self.secure, "login": self.login})
            self.sender, self.rcpts = None, []

    def ehlo(self):
        if "EHLO" in self.sink.says:
            return self.say("EHLO")
        known = [x for x in self.sink.extensions if not (x in self.sink.in_clear and self.secure)]
        lines = ["sink.test"] + known
        text = "".join(f"250{' ' if i + 1 == len(lines) else '-'}{x}\r\n" for i, x in enumerate(lines))
        return self.connection.sendall(text.encode())

    def auth(self, line):
        words = line.split()
        if len(words) == 2:
            self.connection.sendall(b"334 \r\n")
            words.append(self.line())
        self.login = words[2]
        self.say("AUTH", line)

    def run(self):
        if self.say("CONNECT") != "2":
            raise EOFError
        while True:
            line = self.line()
            verb = line.split(" ", 1)[0].split(":", 1)[0].upper()
            with self.sink.lock:
                self.sink.lines.append(line)
            if verb == "EHLO":
                self.ehlo()
            elif verb == "AUTH":
                self.auth(line)
            elif verb == "STARTTLS":
                if self.say(verb, line) == "2":
                    self.connection = self.sink.tls.wrap_socket(self.connection, server_side=True)
                    self.secure = True
            elif verb == "DATA":
                self.data(line)
            elif verb == "BDAT":
                self.bdat(line)
            else:
                first = self.say(verb, line)
                address = line.split("<", 1)[1].split(">", 1)[0] if "<" in line else ""
                if verb == "MAIL" and first == "2":
                    self.sender, self.rcpts = address, []
                elif verb == "RCPT" and first == "2":
                    self.rcpts.append(address)
                elif verb == "RSET":
                    self.sender, self.rcpts = None, []
                elif verb == "QUIT":
                    return
