"""An HTTP/1.1 client that keeps many requests under way with little Python."""

import collections
import contextlib
import json
import re
import selectors
import socket

from process import Failed

_LENGTH = re.compile(rb'\r\ncontent-length: *(\d+)', re.IGNORECASE)
_CHUNKED = re.compile(rb'\r\ntransfer-encoding: *chunked', re.IGNORECASE)
_ANSWER_LIMIT_S = 60


def request(method, path, token='', body=None):
    """The bytes of one request; `body` is what becomes its JSON."""
    head = f'{method} {path} HTTP/1.1\r\nHost: bench\r\n'
    if token:
        head += f'Authorization: Bearer {token}\r\n'
    if body is None:
        return f'{head}\r\n'.encode()
    text = json.dumps(body).encode()
    return (f'{head}Content-Type: application/json\r\n'
            f'Content-Length: {len(text)}\r\n\r\n').encode() + text


class Answer:
    """One response: its status, its body, and all its bytes counted."""

    def __init__(self, head, body, size):
        self.status = int(head[9:12])
        self.body = body
        self.size = size

    def json(self):
        return json.loads(self.body)


class PipelinedClient:
    """Sends requests over some connections, a few at a time on each."""

    def __init__(self, port, connections=64, depth=4):
        self._port = port
        self._connections = connections
        self._depth = depth

    def all(self, requests):
        """The answers to `requests`, in their order. Failed unless all are 2xx."""
        requests = list(requests)
        answers = [None] * len(requests)
        waiting = collections.deque(enumerate(requests))
        with contextlib.ExitStack() as stack:
            selector = stack.enter_context(selectors.DefaultSelector())
            for _ in range(self._connections):
                if not waiting:
                    break
                line = _Line(self._port, waiting, answers, self._depth)
                stack.enter_context(line.socket)
                selector.register(line.socket, selectors.EVENT_READ, line)
            while selector.get_map():
                ready = selector.select(_ANSWER_LIMIT_S)
                if not ready:
                    raise Failed('no answer within a minute')
                for key, _ in ready:
                    if not key.data.receive():
                        selector.unregister(key.fileobj)
        return answers


class _Line:
    """One connection, which takes requests from the common queue."""

    def __init__(self, port, waiting, answers, depth):
        self.socket = socket.create_connection(('127.0.0.1', port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._waiting = waiting
        self._answers = answers
        self._depth = depth
        self._under_way = collections.deque()
        self._input = b''
        self._send()

    def _send(self):
        output = []
        while self._waiting and len(self._under_way) < self._depth:
            slot, text = self._waiting.popleft()
            self._under_way.append((slot, text))
            output.append(text)
        if output:
            self.socket.sendall(b''.join(output))

    def receive(self):
        """Reads what is there. False when nothing more is to come."""
        more = self.socket.recv(1 << 18)
        if not more:
            raise Failed('the server closed a connection')
        self._input += more
        while self._under_way and self._take():
            pass
        self._send()
        return bool(self._under_way)

    def _take(self):
        end = self._input.find(b'\r\n\r\n')
        if end < 0:
            return False
        head = self._input[:end + 4]
        if _CHUNKED.search(head):
            body, size = _unchunked(self._input, len(head))
        else:
            length = _LENGTH.search(head)
            size = len(head) + (int(length[1]) if length else 0)
            body = self._input[len(head):size]
        if size > len(self._input):
            return False
        answer = Answer(head, body, size)
        self._input = self._input[size:]
        slot, text = self._under_way.popleft()
        if not 200 <= answer.status < 300:
            raise Failed(f'{text[:200]!r} was answered by '
                         f'{answer.status} {answer.body[:500]!r}')
        self._answers[slot] = answer
        return True


def _unchunked(text, begin):
    """The chunked body that begins there, and where it ends: behind `text` when
    not all of it is there yet."""
    body, more = [], len(text) + 1
    while (line := text.find(b'\r\n', begin)) >= 0:
        size = int(text[begin:line], 16)
        begin = line + 2 + size + 2
        if begin > len(text):
            return b'', more
        if size == 0:
            return b''.join(body), begin
        body.append(text[line + 2:begin - 2])
    return b'', more
