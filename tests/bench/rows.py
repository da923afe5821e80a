"""The rows of the bench: which load on which server, in groups that can be
chosen one by one."""

import dataclasses

from loads import GrpcLoad, HttpLoad, message
from programs import StoreLoad
from servers import BareEcho, FourProcesses, OneProcess, StaticFiles

_THREADS = 'praxis.discussions.v1.ThreadService'
_BARE_COMMIT = 'BareCommit/64/process_time/real_time'
_GROUP_COMMIT = 'GroupCommit/process_time/real_time/threads:64'
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
POST = 'POST of a post, to disk'
GROUPS = (*_GETS, 'cost', 'rpc', 'post', 'store', 'json')
# Posts change what is read, so they come when all reads are done.
WRITING = ('post', 'store')


@dataclasses.dataclass
class Row:
    """What is measured and what it is called."""
    group: str
    key: str  # such as "thread/praxis"
    title: str
    who: str
    load: object
    samples: list = dataclasses.field(default_factory=list)


class Bench:
    """The servers under load and the data in them. stop() ends them."""

    def __init__(self, programs, folder, data):
        self._programs = programs
        self._data = data
        self.servers = {}
        self._start(folder)

    def _start(self, folder):
        logs = folder / 'logs'
        add = lambda server: self.servers.update({server.name: server})
        add(OneProcess(self._programs, folder / 'praxis', logs))
        try:
            add(FourProcesses(self._programs, folder / 'four', logs))
            add(StaticFiles(folder / 'nginx'))
            add(BareEcho(self._programs, logs))
        except BaseException:
            self.stop()
            raise

    def stop(self):
        for server in self.servers.values():
            server.stop()

    def _token(self):
        return self._data.token

    def sign_in(self):
        """Before a round: tokens last ten minutes."""
        self._data.sign_in(self.servers['praxis'].http_port)

    def rows(self, groups):
        """The rows of these groups, each asked once whether it works."""
        found = []
        for group in groups:
            if group in _GETS:
                found += self._get(group)
            elif group in ('cost', 'rpc', 'post', 'store'):
                found += getattr(self, f'_{group}')()
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

    def _post(self):
        paths = [f'/v1/{name}/posts' for name in self._data.short_threads]
        return [Row('post', f'post/{name}', POST, who, HttpLoad(
            self.servers[name], paths, self._token, self._data.post_bodies))
                for name, who in (('praxis', 'praxis'), ('four', 'four processes'))]

    def _store(self):
        return [
            Row('store', 'store/bare', POST, 'SQLite, a loop that commits 64 at once',
                StoreLoad(self._programs, _BARE_COMMIT)),
            Row('store', 'store/group', POST, 'common/sql, 64 callers',
                StoreLoad(self._programs, _GROUP_COMMIT))]
