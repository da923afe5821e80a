"""The rows of what is written and of what PostgreSQL and Redis do: which load on
which server."""

from leaving import EventLoad, LeaveLoad
from loads import CALLERS, HttpLoad
from programs import StoreLoad
from row import Row

POST_CALLERS = (1, 16, CALLERS)
_TIMES = 'process_time/real_time'
_CACHED = {
    'thread': ('GET one thread, PostgreSQL', ''),
    'posts': ('GET its first page, 50 posts, PostgreSQL', '/posts'),
}
_SUITE = 'gateway, two of each service'
# person001, who comes and goes, is in none of its threads.
_COMMUNITY = 10


class BackboneRows:
    """`servers` by name: praxis, four, suite and no_redis; `cluster` is the
    conninfo of PostgreSQL, for the loops beside them."""

    def __init__(self, programs, servers, cluster):
        self._programs = programs
        self._servers = servers
        self._cluster = cluster

    def cache(self):
        """The same reads with Redis and without, both warm."""
        return [
            Row('cache', f'cache/{name}/{server}', title, who, self._get(server, path))
            for name, (title, path) in _CACHED.items()
            for server, who in (('no_redis', f'{_SUITE}, no cache'),
                                ('suite', f'{_SUITE}, Redis'))]

    def _get(self, name, path):
        server = self._servers[name]
        return HttpLoad(server, [f'/v1/{thread}{path}'
                                 for thread in server.data.long_threads],
                        lambda: server.data.token)

    def post(self):
        """By callers: the bare loop, our driver and HTTP, on both databases."""
        title = f'POST of a post, to disk, {CALLERS} at a time'
        return [
            *(row for callers in POST_CALLERS for row in self._post_by(callers)),
            Row('post', 'post/four', title, 'four processes, SQLite',
                self._http('four')),
            Row('post', 'post/hot', title, f'{_SUITE}, all to one thread',
                self._http('suite', threads=1))]

    def _post_by(self, callers):
        def row(key, who, load):
            return Row('post', f'post/{key}/{callers}',
                       f'POST of a post, to disk, {callers} at a time', who, load)

        def store(name, cluster=''):
            return StoreLoad(self._programs, name, cluster)
        by = f'{_TIMES}/threads:{callers}'
        return [
            row('sqlite_bare', 'SQLite, a loop that commits as many at once',
                store(f'BareCommit/{callers}/{_TIMES}')),
            row('sqlite_store', 'common/sql on SQLite', store(f'GroupCommit/{by}')),
            row('praxis', 'praxis', self._http('praxis', callers)),
            row('postgres_bare', 'PostgreSQL, a loop on as many connections',
                store(f'BarePostgresPost/{by}', self._cluster)),
            row('postgres_store', 'common/sql on PostgreSQL',
                store(f'PostgresPost/{by}', self._cluster)),
            row('suite', f'{_SUITE}, PostgreSQL', self._http('suite', callers))]

    def _http(self, name, callers=CALLERS, threads=None):
        server = self._servers[name]
        return HttpLoad(server, [f'/v1/{thread}/posts'
                                 for thread in server.data.short_threads[:threads]],
                        lambda: server.data.token, server.data.post_bodies, callers,
                        refusals=threads == 1)

    def revoke(self):
        """Both shapes, all well."""
        return [Row('revoke', f'revoke/{name}',
                    'DELETE of a membership, one after the other', who,
                    LeaveLoad(self._servers[name], self._community(name)))
                for name, who in (('praxis', 'praxis'),
                                  ('suite', f'{_SUITE}, Redis'),
                                  ('no_redis', f'{_SUITE}, no Redis'))]

    def events(self):
        """A consumer that follows as projections do."""
        return [Row('events', f'events/{name}',
                    'an event of members at a consumer, since its call came in', who,
                    EventLoad(self._servers[name], self._programs,
                              self._community(name)))
                for name, who in (('praxis', 'praxis, by gRPC'),
                                  ('suite', f'{_SUITE}, by Redis'),
                                  ('no_redis', f'{_SUITE}, by gRPC'))]

    def _community(self, name):
        return self._servers[name].data.communities[_COMMUNITY]
