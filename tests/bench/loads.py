"""Loads: what is asked of a server again and again, and what a round of it
costs. Every round checks that the answers were right."""

import dataclasses
import itertools
import json
import pathlib

from pipelined import PipelinedClient, request
from process import Failed, output_of

_SCRIPT = pathlib.Path(__file__).with_name('load.lua')
_SIZE_SLACK = 0.03  # answers that are cut off by the end of the round
CALLERS = 64


@dataclasses.dataclass
class Sample:
    """One round of one row."""
    calls: int
    seconds: float
    p50_ms: float
    p99_ms: float
    cpu_us: dict  # of each process, a call
    rss_mib: float  # counts a page of a file once for each time it is mapped
    pss_mib: float
    anon_mib: float  # of pss_mib, what is no file
    saved: float = 0  # by caches, queries of a thousand reads
    refused: float = 0  # a thousand requests, not among the calls

    @property
    def rate(self):
        return self.calls / self.seconds

    @property
    def cpu_us_all(self):
        return sum(self.cpu_us.values())


def measure(server, run):
    """The Sample of `run`, which returns {calls, seconds, p50_ms, p99_ms}."""
    reads_before, before = server.cache_reads(), server.cpu_ns()
    seen = run()
    after, reads = server.cpu_ns(), server.cache_reads()
    reads.subtract(reads_before)
    if seen['calls'] == 0:
        raise Failed(f'no call to {server.name} was answered')
    memory = server.memory_mib()
    return Sample(
        seen['calls'], seen['seconds'], seen['p50_ms'], seen['p99_ms'],
        {name: (after[name] - before[name]) / 1e3 / seen['calls']
         for name in after}, memory['Rss'], memory['Pss'],
        memory['Pss_Anon'], saved_of(reads), seen.get('refused', 0))


def saved_of(reads):
    """Of a thousand reads of caches, how many made no query. Each would have
    made one; those that miss one thing at once share a load."""
    asked = reads['hits'] + reads['misses']
    return 1e3 * (asked - reads['loads']) / asked if asked else 0


class HttpLoad:
    """Connections that ask for `paths` in turn, or post `bodies` to them. With
    `refusals` not every post need be taken."""

    def __init__(self, server, paths, token=lambda: '', bodies=None,
                 callers=CALLERS, refusals=False):
        self._server = server
        self._paths = paths
        self._token = token
        self._bodies = bodies
        self._callers = callers
        self._refusals = refusals
        self._rounds = 0
        self.answers = self._probe()
        self._size = sum(a.size for a in self.answers) / len(self.answers)

    def _probe(self):
        """The answers to each thing once; posts one by one, as long as the
        texts of a round."""
        port = self._server.http_port
        if not self._bodies:
            return PipelinedClient(port).all(
                request('GET', path, self._token()) for path in self._paths)
        return PipelinedClient(port, connections=1, depth=1).all(
            request('POST', path, self._token(), {'body': f'r000-00000000 {body}'})
            for path, body in zip(itertools.cycle(self._paths), self._bodies))

    def run(self, seconds, folder):
        """One round: its Sample."""
        self._rounds += 1
        plan = folder / 'plan.lua'
        plan.write_text(self._plan(), encoding='utf-8')
        command = ['wrk', '-t1', f'-c{self._callers}', f'-d{seconds}s',
                   '--timeout', '10s', '-s', _SCRIPT,
                   f'http://127.0.0.1:{self._server.http_port}', plan]
        return measure(self._server, lambda: self._checked(
            json.loads(output_of(command).splitlines()[-1])))

    def _plan(self):
        headers = {'Host': 'bench'}
        if self._token():
            headers['Authorization'] = f'Bearer {self._token()}'
        if self._bodies:
            headers['Content-Type'] = 'application/json'
        plan = {'method': 'POST' if self._bodies else 'GET',
                'paths': self._paths, 'headers': headers}
        if self._bodies:
            plan |= {'bodies': self._bodies, 'mark': f'r{self._rounds:03}'}
        return f'return {_lua(plan)}\n'

    def _checked(self, seen):
        if self._refusals and not seen['broken']:
            return without_refusals(seen)
        size = seen['bytes'] / max(seen['calls'], 1)
        if seen['not_2xx'] or seen['broken']:
            raise Failed(f'{self._server.name}, {self._paths[0]}: {seen}')
        if abs(size - self._size) > self._size * _SIZE_SLACK:
            raise Failed(f'{self._server.name}, {self._paths[0]}: answers of '
                         f'{size:.0f} bytes where {self._size:.0f} are right')
        return seen


def without_refusals(seen):
    """What wrk has seen, only of what was not refused; and how much was."""
    refused = seen['not_2xx']
    return {**seen, 'calls': seen['calls'] - refused,
            'refused': 1e3 * refused / max(seen['calls'], 1)}


class GrpcLoad:
    """64 calls of one method under way on one connection."""

    def __init__(self, server, programs, path, message, token=lambda: ''):
        self._server = server
        self._command = [
            programs / 'grpc_load', f'--target=127.0.0.1:{server.grpc_port}',
            f'--path={path}', f'--request={message.hex()}',
            f'--in_flight={CALLERS}']
        self._token = token

    def run(self, seconds, folder):
        """One round: its Sample."""
        del folder
        return measure(self._server, lambda: json.loads(output_of(
            [*self._command, f'--token={self._token()}',
             f'--seconds={seconds}'])))


def message(text):
    """The wire bytes of a message whose field 1 is this string."""
    data = text.encode()
    size, length = len(data), b''
    while size > 127:
        length, size = length + bytes([size & 127 | 128]), size >> 7
    return b'\x0a' + length + bytes([size]) + data


def _lua(value):
    """`value` as Lua writes it."""
    if isinstance(value, dict):
        return '{%s}' % ','.join(f'[{_lua(k)}]={_lua(v)}' for k, v in value.items())
    if isinstance(value, list):
        return '{%s}' % ','.join(map(_lua, value))
    return json.dumps(value)
