"""The rows of the bench: which load on which server, in groups that can be
chosen one by one."""

import peers
from backbone import Backbone
from backbone_rows import BackboneRows
from gateway_rows import GatewayRows
from loads import GrpcLoad, HttpLoad, message
from row import Row
from servers import BareEcho, FourProcesses, OneProcess, StaticFiles

_THREADS = 'praxis.discussions.v1.ThreadService'
_GETS = {
    'thread': 'GET one thread, 0.5 KB',
    'page': 'GET a page of 50 posts, 43 KB',
    'search': 'GET search of a middling word, 20 best',
}
_COSTS = {
    'page20': 'GET a page of 20 posts',
    'threads20': 'GET a list of 20 threads',
    'profile': 'GET a profile',
    'search1': 'GET search within one community of twenty',
}
GROUPS = (*_GETS, 'cost', 'rpc', 'cache', 'gateway', 'post', 'revoke',
          'events', 'json', 'soak')
# Not measured unless asked for by name: it takes ten minutes.
LONG = ('soak',)
# These change what is read, so they come when all reads are done.
WRITING = ('gateway', 'post', 'revoke', 'events')
# These need PostgreSQL and Redis.
ON_BACKBONE = ('cache', 'post', 'revoke', 'events')


class Bench:
    """The servers under load and the data in them: `data` is what both shapes
    have on SQLite. stop() ends them."""

    def __init__(self, programs, folder, data, with_backbone):
        self._programs = programs
        self._folder = folder
        self._data = data
        self._backbone = None
        self.servers = {}
        try:
            self._start(with_backbone)
        except BaseException:
            self.stop()
            raise

    def _start(self, with_backbone):
        folder, logs = self._folder, self._folder / 'logs'
        add = lambda server: self.servers.update({server.name: server})
        add(OneProcess(self._programs, folder / 'praxis', logs))
        add(FourProcesses(self._programs, folder / 'four', logs))
        add(StaticFiles(folder / 'nginx'))
        add(BareEcho(self._programs, logs))
        for server in self.servers.values():
            server.data = self._data
        if with_backbone:
            self._backbone = Backbone(self._programs, folder)
            self.servers |= self._backbone.servers

    def stop(self):
        for server in self.servers.values():
            server.stop()
        if self._backbone:
            self._backbone.stop()

    def _token(self):
        return self._data.token

    def sign_in(self):
        """Before a round: tokens last ten minutes."""
        for name in ('praxis', 'suite'):
            if name in self.servers:
                self.servers[name].data.sign_in(self.servers[name].http_port)

    def rows(self, groups):
        """The rows of these groups, each asked once whether it works."""
        found = []
        for group in groups:
            if group in _GETS:
                found += self._get(group)
            elif group in ('cost', 'rpc'):
                found += getattr(self, f'_{group}')()
            elif group == 'gateway':
                found += self._gateways().rows()
            elif group == 'soak':
                found += self._gateways().soak()
            elif group in ON_BACKBONE:
                rows = BackboneRows(self._programs, self.servers,
                                    self._backbone.postgres.conninfo)
                found += getattr(rows, group)()
        return found

    def _paths(self, name):
        """What a reader of the community asks for, a hundred things in turn
        where there are as many."""
        data = self._data
        return {
            'thread': [f'/v1/{name}' for name in data.long_threads],
            'page': [f'/v1/{name}/posts?page_size=50' for name in data.long_threads],
            'page20': [f'/v1/{name}/posts?page_size=20' for name in data.long_threads],
            'search': [f'/v1/communities/-/threads:search?query={topic}&page_size=20'
                       for topic in data.topics],
            'search1': [f'/v1/{community}/threads:search?query={topic}&page_size=20'
                        for community, topic in zip(data.communities * 5, data.topics)],
            'threads20': [f'/v1/{name}/threads?page_size=20'
                          for name in data.communities],
            'profile': [f'/v1/{name}' for name in data.members[:100]],
        }[name]

    def _get(self, name):
        paths, title = self._paths(name), _GETS[name]
        praxis = HttpLoad(self.servers['praxis'], paths, self._token)
        four = HttpLoad(self.servers['four'], paths, self._token)
        rows = [Row(name, f'{name}/nginx', title, 'nginx, the same bytes',
                    self._static(name, praxis.answers)),
                Row(name, f'{name}/praxis', title, 'praxis', praxis)]
        if name == 'thread':
            rows.append(Row(name, f'{name}/anonymous', title, 'praxis, not signed in',
                            HttpLoad(self.servers['praxis'], paths)))
        return [*rows, Row(name, f'{name}/four', title, 'four processes', four)]

    def _static(self, name, answers):
        """nginx is sent the token too: its requests are as long."""
        nginx = self.servers['nginx']
        files = [f'{name}/{i:03}.json' for i in range(len(answers))]
        for file, answer in zip(files, answers):
            nginx.write(file, answer.body)
        return HttpLoad(nginx, [f'/{file}' for file in files], self._token)

    def _gateways(self):
        """Ours and the peers that can be had, in front of one service."""
        four = self.servers['four']
        folder = self._programs.parent.parent / 'bench' / 'peers'
        image = self._programs.parent / 'proto' / 'praxis.binpb'
        others = peers.start(folder, four, self._folder / 'logs', image)
        self.servers |= {peer.name: peer for peer in others}
        return GatewayRows([peers.GatewayOf(four), *others],
                           self.servers['nginx'], self._data)

    def _cost(self):
        return [Row('cost', f'{name}/praxis', title, 'praxis', HttpLoad(
            self.servers['praxis'], self._paths(name), self._token))
                for name, title in _COSTS.items()]

    def _rpc(self):
        def row(server, who, path, text, token=self._token):
            return Row('rpc', f'rpc/{server}', 'gRPC GetThread', who, GrpcLoad(
                self.servers[server], self._programs, path, text, token))
        request = message(self._data.long_threads[0])
        get = f'/{_THREADS}/GetThread'
        return [
            row('echo', 'bare echo, 0.5 KB', '/bench.Echo/Echo', bytes(500), lambda: ''),
            row('praxis', 'praxis', get, request),
            row('four', 'praxis-discussions', get, request)]
