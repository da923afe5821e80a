"""The suite as it runs on several machines: two replicas of each service over
PostgreSQL and Redis, and the same without Redis to hold it against."""

import collections
import contextlib
import os
import pathlib
import re
import shutil
import urllib.request

import dataset
from process import Process, Watched, output_of
from servers import ANY_ADDRESS, UNLIMITED, Server, answers, free_port

_CLUSTER = pathlib.Path(__file__).parents[1] / 'tools' / 'postgres'
_SERVICES = ('members', 'discussions', 'resources')
_CACHE_READS = re.compile(
    r'^praxis_cache_(hits|misses|loads)_total\S* (\S+)$', re.MULTILINE)


class Postgres(Watched):
    """A cluster whose commits reach the disk, thrown away by stop()."""

    def __init__(self, folder):
        self._folder = folder
        self.conninfo = output_of([_CLUSTER, 'start', folder],
                                  env={**os.environ, 'FSYNC': 'on'}).strip()
        socket = re.search(r'host=(\S+)', self.conninfo)[1]
        pids = pathlib.Path(socket, 'data', 'postmaster.pid').read_text()
        super().__init__('postgres', int(pids.split()[0]))

    def database(self, name):
        """How a database is reached; the last word counts."""
        return f'{self.conninfo} dbname={name}'

    def run(self, sql, name='postgres'):
        output_of(['psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-c', sql,
                   '-d', self.database(name)])

    def stop(self):
        output_of([_CLUSTER, 'stop', self._folder])


class Redis(Process):
    """One server in both roles, as ./dev up has it."""

    def __init__(self, folder, logs):
        folder.mkdir()
        port = free_port()
        super().__init__('redis', [
            'redis-server', '--bind', '127.0.0.1', '--port', port, '--dir',
            folder, '--appendonly', 'yes', '--save', '', '--maxmemory', '256mb',
            '--maxmemory-policy', 'volatile-lfu'], logs / 'redis.log')
        self.address = f'127.0.0.1:{port}'
        self.await_true(lambda: answers(port), 'does not answer')


class Replicas(Server):
    """A gateway and two of each service."""

    def __init__(self, name, programs, folder, postgres, redis=None):
        self._programs, self._folder = programs, folder
        self._postgres = postgres
        self._metrics_ports = []
        self.secrets = folder / name / 'secrets'
        self.redis = redis.address if redis else ''
        super().__init__(name, (postgres, redis) if redis else (postgres,))

    def _start(self):
        self.members = self._start_two('members')
        members = f'--members={self.members}'
        backends = [members] + [
            f'--{service}={self._start_two(service, members)}'
            for service in _SERVICES[1:]]
        self._start_one('gateway', '--port=0', ANY_ADDRESS, *backends)
        self.http_port = self.processes[-1].await_line('port')['port']
        self._await_ready()

    def _start_two(self, service, *flags):
        """Both addresses. One begins after the other: it brings the database
        to its schema."""
        flags = [f'--data={self._folder / self.name}', '--listen=127.0.0.1:0',
                 f'--database={self._postgres.database(f"{self.name}_{service}")}',
                 *UNLIMITED, *flags]
        if self.redis:
            flags += [f'--redis_{role}={self.redis}' for role in ('cache', 'events')]
        ports = []
        for _ in range(2):
            metrics = free_port()
            self._start_one(service, f'--metrics_listen=127.0.0.1:{metrics}', *flags)
            ports.append(self.processes[-1].await_line('port')['port'])
            self._metrics_ports.append(metrics)
        return ','.join(f'127.0.0.1:{port}' for port in ports)

    def _start_one(self, program, *flags):
        log = self._folder / 'logs' / f'{self.name}-{len(self.processes)}.log'
        self.processes.append(Process(program, [
            self._programs / f'praxis-{program}', '--drain_grace=0', *flags], log))

    def cache_reads(self):
        sums = collections.Counter()
        for port in self._metrics_ports:
            for kind, count in _CACHE_READS.findall(_metrics(port)):
                sums[kind] += float(count)
        return sums


class Backbone:
    """A cluster, a Redis, and two suites that begin with copies of the same
    data: "suite" and "no_redis". stop() ends them. They share the cluster, so
    the CPU time of "postgres" has what the other one does at rest."""

    def __init__(self, programs, folder):
        with contextlib.ExitStack() as stack:
            def start(thing):
                stack.callback(thing.stop)
                return thing
            self.postgres = start(Postgres(folder / 'postgres'))
            redis = start(Redis(folder / 'redis', folder / 'logs'))
            self._make_databases('suite')
            first = Replicas('suite', programs, folder, self.postgres, redis)
            try:
                data = dataset.fill(first.http_port)
            finally:
                first.stop()
            self._copy('suite', 'no_redis')
            shutil.copytree(folder / 'suite', folder / 'no_redis')
            self.servers = {server.name: server for server in (
                start(Replicas('suite', programs, folder, self.postgres, redis)),
                start(Replicas('no_redis', programs, folder, self.postgres)))}
            for server in self.servers.values():
                server.data = data
            self._stack = stack.pop_all()

    def _make_databases(self, name):
        for service in _SERVICES:
            self.postgres.run(f'CREATE DATABASE {name}_{service}')

    def _copy(self, name, copy):
        for service in _SERVICES:
            self.postgres.run('VACUUM ANALYZE', f'{name}_{service}')
            self.postgres.run(
                f'CREATE DATABASE {copy}_{service} TEMPLATE {name}_{service}')

    def stop(self):
        self._stack.close()


def _metrics(port):
    url = f'http://127.0.0.1:{port}/metrics'
    return urllib.request.urlopen(url, timeout=5).read().decode()
