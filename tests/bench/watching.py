"""The load of watchers: many clients hold a stream of a community's events open
while somebody posts."""

import resource
import selectors
import socket
import statistics
import time

from loads import measure
from pipelined import PipelinedClient, request
from process import Failed

WATCHERS = 1000
_POSTS = 20  # a round
_MARK = b'"post.created"'  # once in each event's JSON
_LIMIT_S = 60


class WatchLoad:
    """A call is one event at one watcher; its time, from when the post was sent.
    All the watchers share a core with what is measured."""

    def __init__(self, server, data, accept):
        self._server = server
        self._data = data
        self._accept = accept
        self.answers = []

    def run(self, seconds, folder):
        """One round: its Sample. It takes as long as it takes."""
        del seconds, folder
        crowd = _Crowd(self._server.http_port, self._data, self._accept)
        try:
            return measure(self._server, lambda: crowd.watch(self._post))
        finally:
            crowd.close()

    def _post(self):
        thread = self._data.short_threads[0]
        PipelinedClient(self._server.http_port, 1, 1).all([request(
            'POST', f'/v1/{thread}/posts', self._data.token,
            {'body': self._data.post_bodies[0]})])


class _Crowd:
    """All watchers' connections, each with the head of its answer read."""

    def __init__(self, port, data, accept):
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        self._selector = selectors.DefaultSelector()
        community = '/'.join(data.short_threads[0].split('/')[:2])
        asked = (f'GET /v1/{community}/events:watch HTTP/1.1\r\nHost: bench\r\n'
                 f'Authorization: Bearer {data.token}\r\nAccept: {accept}\r\n\r\n').encode()
        for _ in range(WATCHERS):
            line = socket.create_connection(('127.0.0.1', port), _LIMIT_S)
            line.sendall(asked)
            # Begun once the message that says where came.
            seen = b''
            while b'"number"' not in seen and b'\nid: ' not in seen:
                more = line.recv(1 << 16)
                if not more:
                    raise Failed(f'no stream of events: {seen[:500]!r}')
                seen += more
            if b' 200 ' not in seen[:20]:
                raise Failed(f'no stream of events: {seen[:500]!r}')
            line.setblocking(False)
            self._selector.register(line, selectors.EVENT_READ)

    def watch(self, post):
        """{calls, seconds, p50_ms, p99_ms} of posts that reach all, one by one."""
        delays, start = [], time.monotonic()
        for _ in range(_POSTS):
            sent = time.monotonic()
            post()
            missing = WATCHERS
            while missing > 0:
                if time.monotonic() > sent + _LIMIT_S:
                    raise Failed(f'{missing} watchers have not seen a post')
                for key, _ in self._selector.select(1):
                    seen = key.fileobj.recv(1 << 16).count(_MARK)
                    delays += [time.monotonic() - sent] * seen
                    missing -= seen
        seconds = time.monotonic() - start
        percentiles = statistics.quantiles(delays, n=100)
        return {'calls': len(delays), 'seconds': seconds,
                'p50_ms': percentiles[49] * 1e3, 'p99_ms': percentiles[98] * 1e3}

    def close(self):
        """Leaves."""
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()
        self._selector.close()
