"""Loads of memberships that begin and end: what it takes to have taken access
away, and how late others hear of it."""

import http.client
import json
import statistics
import subprocess
import time

from dataset import PASSWORD
from loads import measure
from process import Failed

_PERSON = 'person001'


class _Member:
    """Somebody who joins a community and leaves it, over one connection."""

    def __init__(self, port, community):
        self._line = http.client.HTTPConnection('127.0.0.1', port, timeout=60)
        self._headers = {'Content-Type': 'application/json'}
        session = self._call('POST', '/v1/sessions', {
            'handle': _PERSON, 'password': PASSWORD})
        self._headers['Authorization'] = f'Bearer {session["accessToken"]}'
        self._place = f'/v1/{community}/memberships'

    def join_and_leave(self):
        """Seconds that leaving took."""
        membership = self._call('POST', self._place, {})['name']
        start = time.monotonic()
        self._call('DELETE', f'/v1/{membership}')
        return time.monotonic() - start

    def close(self):
        self._line.close()

    def _call(self, method, path, body=None):
        self._line.request(method, path, None if body is None else json.dumps(body),
                           self._headers)
        answer = self._line.getresponse()
        text = answer.read()
        if answer.status // 100 != 2:
            raise Failed(f'{method} {path} was answered by {answer.status} {text!r}')
        return json.loads(text or '{}')


class LeaveLoad:
    """One person who leaves a community and joins it again in between."""

    def __init__(self, server, community):
        self._server = server
        self._community = community

    def run(self, seconds, folder):
        """One round: its Sample, with the latency of leaving."""
        del folder
        member = _Member(self._server.http_port, self._community)
        try:
            return measure(self._server, lambda: self._leave(member, seconds))
        finally:
            member.close()

    def _leave(self, member, seconds):
        start, took = time.monotonic(), []
        while time.monotonic() - start < seconds:
            took.append(member.join_and_leave())
        return {'calls': len(took), 'seconds': time.monotonic() - start,
                **percentiles_ms(took)}


class EventLoad:
    """The same, with somebody who follows the events of it."""

    def __init__(self, server, programs, community):
        self._server = server
        self._community = community
        self._command = [programs / 'event_lag', f'--members={server.members}',
                         f'--secrets={server.secrets}']
        if server.redis:
            self._command.append(f'--redis_events={server.redis}')

    def run(self, seconds, folder):
        """One round: its Sample, a call an event."""
        del folder
        member = _Member(self._server.http_port, self._community)
        try:
            return measure(self._server, lambda: self._follow(member, seconds))
        finally:
            member.close()

    def _follow(self, member, seconds):
        command = [*map(str, self._command), f'--seconds={seconds}']
        with subprocess.Popen(command, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True) as lag:
            try:
                lag.stdout.readline()  # it follows
                while lag.poll() is None:
                    member.join_and_leave()
                said, why = lag.communicate()
            finally:
                lag.kill()
        if lag.returncode != 0:
            raise Failed(f'event_lag: {why}')
        return json.loads(said)


def percentiles_ms(seconds):
    """{'p50_ms', 'p99_ms'}"""
    cuts = statistics.quantiles(seconds, n=100, method='inclusive') \
        if len(seconds) > 1 else [*seconds] * 99
    return {'p50_ms': cuts[49] * 1e3, 'p99_ms': cuts[98] * 1e3}
