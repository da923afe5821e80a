"""The rows of our gateway and of its peers, all in front of one and the same
gRPC server of discussions: their own CPU time is counted, not the service's."""

from loads import HttpLoad
from row import Row
from soak import SoakLoad
from watching import WATCHERS, WatchLoad

CONNECTIONS = (1, 64, 512)
_KINDS = {
    'get': 'GET one thread, 0.5 KB',
    'page': 'GET a page of 50 posts, 43 KB',
    'post': 'POST of a post, 1 KB',
}


class GatewayRows:
    """`gateways` are Servers, ours first; `nginx` serves the same bytes as
    files; `data` is what is behind all."""

    def __init__(self, gateways, nginx, data):
        self._gateways = gateways
        self._nginx = nginx
        self._data = data

    def rows(self):
        """Of each kind and number of connections, one for each gateway."""
        return [row for kind in _KINDS for callers in CONNECTIONS
                for row in self._of(kind, callers)] + [
                    row for callers in CONNECTIONS for row in self._cached(callers)
                ] + self._watched()

    def soak(self):
        """Ten minutes on ours."""
        ours = self._gateways[0]
        loads = [self._load(ours, kind, 64) for kind in ('get', 'page')]
        loads.append(HttpLoad(ours, self._paths('get')))
        return [Row('soak', 'soak/gateway', 'PSS at the end of ten minutes to when '
                    'it had settled', 'gateway, reads of all kinds',
                    SoakLoad(ours, loads))]

    def _of(self, kind, callers):
        title = _title(_KINDS[kind], callers)
        return [Row('gateway', f'gateway/{kind}/{server.name}/{callers}', title,
                    server.name, self._load(server, kind, callers))
                for server in self._gateways]

    def _load(self, server, kind, callers):
        token = lambda: self._data.token
        if kind == 'post':
            pairs = zip(self._data.post_bodies[::2], self._data.post_bodies[1::2])
            return HttpLoad(server, [f'/v1/{thread}/posts'
                                     for thread in self._data.short_threads],
                            token, [f'{a} {b}' for a, b in pairs], callers)
        return HttpLoad(server, self._paths(kind), token, callers=callers)

    def _paths(self, kind):
        end = '/posts?page_size=50' if kind == 'page' else ''
        return [f'/v1/{thread}{end}' for thread in self._data.long_threads]

    def _cached(self, callers):
        """Reads of someone who is not signed in, beside files of the same bytes."""
        title = _title('GET one thread again, not signed in', callers)
        ours = HttpLoad(self._gateways[0], self._paths('get'), callers=callers)
        files = [f'cached/{i:03}.json' for i in range(len(ours.answers))]
        for file, answer in zip(files, ours.answers):
            self._nginx.write(file, answer.body)
        nginx = HttpLoad(self._nginx, [f'/{file}' for file in files], callers=callers)
        return [Row('gateway', f'gateway/cached/{self._gateways[0].name}/{callers}',
                    title, self._gateways[0].name, ours),
                Row('gateway', f'gateway/cached/nginx/{callers}', title,
                    'nginx, the same bytes', nginx)]

    def _watched(self):
        """As Server-Sent Events from ours; the peers write lines or an array."""
        title = f'An event at each of {WATCHERS:,} watchers'
        return [Row('gateway', f'gateway/watch/{server.name}', title, server.name,
                    WatchLoad(server, self._data, 'text/event-stream'
                              if server is self._gateways[0] else 'application/json'))
                for server in self._gateways]


def _title(kind, callers):
    return f'{kind}, {callers} connection{"s" if callers > 1 else ""}'
