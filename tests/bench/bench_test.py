"""Tests the parts that a wrong table would come from: the data, the client that
puts it in, the requests that are sent, and the arithmetic."""

import dataclasses
import http.server
import json
import pathlib
import socket
import sys
import tempfile
import threading
import time
import unittest

import dataset
import leaving
import loads
import report
import servers
import targets
from pipelined import PipelinedClient, request
from process import Failed, Process, cpu_ns_of
from row import Row

# Notes something that is no JSON, then {"ready": 7}, and stays.
_BURN = """import signal
sum(range(10**6))
print('noise', '{"ready": 7}', sep='\\n', flush=True)
signal.pause()"""


def sample(calls=100, cpu_us=None, p50_ms=1.0):
    return loads.Sample(calls, 1.0, p50_ms, 2.0, cpu_us or {'praxis': 10.0}, 3.0, 4.0, 2.0)


def row(key, samples):
    return Row(key.split('/')[0], key, 'title of ' + key.split('/')[0], key, None, samples)


class ToyServer:
    """Answers each request's path, in pieces and in order; /bad by 500."""

    def __init__(self):
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.port = self.listener.getsockname()[1]
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection, connection.makefile('rb') as lines:
            while line := lines.readline():
                path = line.split()[1]
                while lines.readline() != b'\r\n':
                    pass
                status = b'500' if path == b'/bad' else b'200'
                answer = (b'HTTP/1.1 %s X\r\ncontent-length: %d\r\n\r\n%s'
                          % (status, len(path), path))
                connection.sendall(answer[:20])
                connection.sendall(answer[20:])


class Client(unittest.TestCase):
    def setUp(self):
        self.server = ToyServer()
        self.addCleanup(self.server.listener.close)
        self.client = PipelinedClient(self.server.port, connections=8, depth=4)

    def test_gives_each_request_its_own_answer(self):
        answers = self.client.all(request('GET', f'/{i}') for i in range(500))
        self.assertEqual([a.body for a in answers], [b'/%d' % i for i in range(500)])
        self.assertEqual(self.server.connections, 8)

    def test_opens_no_connection_that_has_nothing_to_send(self):
        self.client.all(request('GET', f'/{i}') for i in range(5))
        self.assertEqual(self.server.connections, 2)

    def test_fails_at_an_answer_that_is_an_error(self):
        with self.assertRaisesRegex(Failed, '500'):
            self.client.all([request('GET', '/bad')])


class Data(unittest.TestCase):
    def test_is_as_large_as_the_targets_say(self):
        self.assertEqual(sum(map(dataset.posts_of, range(dataset.THREADS))), dataset.POSTS)

    def test_is_the_same_every_time(self):
        text = dataset.Prose().text(80)
        self.assertEqual(len(text.split()), 80)
        self.assertEqual(text, dataset.Prose().text(80))


    def test_puts_no_posts_into_one_thread_at_once(self):
        class Client:
            def all(self, requests):
                self.paths = [text.split()[1] for text in requests]
        client, threads = Client(), [f'threads/{i}' for i in range(dataset.THREADS)]
        dataset._posts(client, [('', 'token')] * dataset.PEOPLE, threads, dataset.Prose())
        self.assertEqual(len(client.paths), dataset.POSTS)
        last = {}
        for place, path in enumerate(client.paths):
            self.assertGreaterEqual(place - last.get(path, -100), 100, path)
            last[path] = place


class Requests(unittest.TestCase):
    def test_a_message_has_its_length_as_a_varint(self):
        self.assertEqual(loads.message('ab'), b'\x0a\x02ab')
        self.assertEqual(loads.message('a' * 300), b'\x0a\xac\x02' + b'a' * 300)


def _state(pid):
    """R, S, Z ... of a process; None when there is none."""
    try:
        return pathlib.Path(f'/proc/{pid}/stat').read_text().rsplit(')')[1].split()[0]
    except OSError:
        return None


class Measured(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.log = pathlib.Path(folder.name) / 'log'

    def start(self, *command):
        process = Process('program', command, self.log)
        self.addCleanup(process.stop)
        return process

    def test_a_process_is_known_by_its_cpu_time_and_memory(self):
        process = self.start(sys.executable, '-c', _BURN)
        self.assertEqual(process.await_line('ready'), {'ready': 7})
        self.assertGreater(process.cpu_ns(), 1_000_000)
        self.assertGreater(process.memory_kib()['Rss'], 1000)

    def test_its_children_count_and_end_with_it(self):
        process = self.start('sh', '-c', '"$@"; true', 'sh', sys.executable, '-c', _BURN)
        process.await_line('ready')
        parent, child = process.pids()
        self.assertGreater(process.cpu_ns(), cpu_ns_of(parent) + 1_000_000)
        process.stop()
        limit = time.monotonic() + 10
        while (state := _state(child)) not in ('Z', None):  # Z: init has yet to look
            self.assertLess(time.monotonic(), limit, state)

    def test_a_child_that_has_ended_still_counts(self):
        loop = 'i=0; while [ $i -lt 100000 ]; do i=$((i + 1)); done'
        process = self.start('sh', '-c', 'sh -c "$1"; shift; exec "$@"', 'sh', loop,
                             sys.executable, '-c', _BURN)
        process.await_line('ready')
        [parent] = process.pids()
        self.assertGreater(process.cpu_ns(), cpu_ns_of(parent) + 10_000_000)

    def test_one_that_ends_early_says_what_it_logged(self):
        process = self.start('echo', 'no such port')
        with self.assertRaisesRegex(Failed, 'no such port'):
            process.await_line('port')


class Community(http.server.BaseHTTPRequestHandler):
    """Has memberships 0, 1, 2 ..., of which one must end before the next."""
    protocol_version = 'HTTP/1.1'
    calls = []

    def do_POST(self):
        if self.path == '/v1/sessions':
            return self._answer(200, {'accessToken': 'secret'})
        if len(self.calls) % 2:
            return self._answer(409, {})
        name = f'{self.path[4:]}/{len(self.calls) // 2}'
        return self._answer(200, {'name': name})

    def do_DELETE(self):
        self._answer(200, {})

    def log_message(self, *_):
        pass

    def _answer(self, status, body):
        self.rfile.read(int(self.headers['content-length'] or 0))
        if self.path != '/v1/sessions' and status == 200:
            self.calls.append((self.command, self.path, self.headers['authorization']))
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header('content-length', str(len(text)))
        self.end_headers()
        self.wfile.write(text)


class ToySuite(servers.Server):
    """No process at all."""

    def _start(self):
        pass

    def memory_mib(self):
        return {'Rss': 1, 'Pss': 1, 'Pss_Anon': 1}


class Leaving(unittest.TestCase):
    def setUp(self):
        class Fresh(Community):
            calls = []
        self.calls = Fresh.calls
        listener = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Fresh)
        threading.Thread(target=listener.serve_forever, daemon=True).start()
        self.addCleanup(listener.server_close)
        self.addCleanup(listener.shutdown)
        self.server = ToySuite('toy')
        self.server.http_port = listener.server_port

    def test_ends_each_membership_that_it_began(self):
        sample = leaving.LeaveLoad(self.server, 'communities/a').run(0.01, None)
        place = '/v1/communities/a/memberships'
        self.assertEqual(self.calls, [
            call for i in range(sample.calls)
            for call in (('POST', place, 'Bearer secret'),
                         ('DELETE', f'{place}/{i}', 'Bearer secret'))])
        self.assertGreater(sample.calls, 0)

    def test_fails_at_an_answer_that_is_an_error(self):
        self.calls.append('somebody else')
        with self.assertRaisesRegex(Failed, '409'):
            leaving.LeaveLoad(self.server, 'communities/a').run(0.01, None)

    def test_says_why_events_cannot_be_followed(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        program = pathlib.Path(folder.name) / 'event_lag'
        program.write_text('#!/bin/sh\necho no such server >&2\nexit 1\n')
        program.chmod(0o700)
        load = leaving.EventLoad(self.server, program.parent, 'communities/a')
        with self.assertRaisesRegex(Failed, 'no such server'):
            load.run(1, None)

    def test_latencies_are_of_the_middle_and_of_the_slowest(self):
        of = leaving.percentiles_ms([i / 1e3 for i in range(1, 102)])
        self.assertEqual({k: round(v, 6) for k, v in of.items()},
                         {'p50_ms': 51, 'p99_ms': 100})
        self.assertEqual(leaving.percentiles_ms([0.5]), {'p50_ms': 500, 'p99_ms': 500})


class Arithmetic(unittest.TestCase):
    def test_queries_saved_are_those_of_hits_and_of_misses_that_share_a_load(self):
        reads = {'hits': 800, 'misses': 200, 'loads': 50}
        self.assertEqual(loads.saved_of(reads), 950)
        self.assertEqual(loads.saved_of(dict.fromkeys(reads, 0)), 0)

    def test_what_was_refused_is_no_call(self):
        seen = loads.without_refusals({'calls': 200, 'not_2xx': 50})
        self.assertEqual((seen['calls'], seen['refused']), (150, 250))

    def test_a_row_is_the_median_of_its_rounds(self):
        summary = report.summary(row('thread/praxis', [
            sample(100, {'praxis': 10.0}), sample(300, {'praxis': 30.0}),
            sample(120, {'praxis': 11.0})]))
        self.assertEqual(summary['rate'], 120)
        self.assertEqual(summary['cpu_us'], {'praxis': 11.0})
        self.assertAlmostEqual(summary['spread'], 100 / 120)

    def test_a_ratio_is_taken_round_by_round(self):
        rows = {'a/x': row('a/x', [sample(50), sample(10), sample(60)]),
                'a/y': row('a/y', [sample(100), sample(20), sample(100)])}
        self.assertEqual(targets.ratio(rows, 'a/x', 'a/y', lambda s: s.rate), 0.5)
        self.assertIsNone(targets.ratio(rows, 'a/x', 'a/z', lambda s: s.rate))

    def test_targets_are_met_or_not_and_those_not_measured_are_left_out(self):
        rows = {'thread/nginx': row('thread/nginx', [sample(100)]),
                'thread/praxis': row('thread/praxis', [sample(39)]),
                'profile/praxis': row('profile/praxis', [sample(cpu_us={'praxis': 80.0})])}
        lines = report.verdicts(targets.targets(rows, {}, 100.1)).splitlines()
        self.assertEqual([' '.join(line.split()) for line in lines[1:]], [
            'GET one thread to nginx, requests/s >= 0.4 x 0.39 x NOT MET',
            'CPU of praxis, profile <= 0.08 ms 0.08 ms met',
            'memory of praxis under load, PSS <= 100 MiB 100 MiB NOT MET'])

    def test_posts_are_held_against_the_loop_of_as_many_callers(self):
        rows = {'post/postgres_bare/16': row('post/postgres_bare/16', [1000.0]),
                'post/postgres_store/16': row('post/postgres_store/16', [590.0]),
                'post/suite/16': row('post/suite/16', [sample(310)])}
        lines = report.verdicts(targets.targets(rows, {}, None)).splitlines()
        self.assertEqual([' '.join(line.split()) for line in lines[1:]], [
            'posts/s by common/sql to the loop, PostgreSQL, 16 callers >= 0.6 x '
            '0.59 x NOT MET',
            'posts/s over HTTP to the loop, PostgreSQL, 16 callers >= 0.3 x '
            '0.31 x met'])

    def test_counts_of_json_are_held_against_protobufs(self):
        counts = {form: 12.0 for form in
                  ('write_item', 'read_item', 'write_page', 'read_page')}
        counts |= {f'protobuf_{form}': 100.0 for form in list(counts)}
        met = [t.met for t in targets.targets({}, counts, None) if t.measured is not None]
        self.assertEqual(met, [True] * 4)
        counts['read_page'] = 21.0
        self.assertFalse(targets.targets({}, counts, None)[-1].met)

    def test_the_table_has_a_line_for_each_row_and_each_of_many_processes(self):
        many = row('thread/four', [sample(cpu_us={'gateway': 5.0, 'members': 0.0,
                                                  'discussions': 2.5})])
        text = report.table([row('thread/praxis', [sample()]), many,
                             row('store/bare', [5000.0])])
        self.assertIn('CPU us: gateway 5.0 + discussions 2.5\n', text)
        self.assertNotIn('saved', text)
        self.assertEqual(text.count('title of thread'), 1)
        self.assertIn('5,000', text)

    def test_the_table_tells_what_a_cache_saved_and_what_was_refused(self):
        text = report.table([row('cache/suite', [dataclasses.replace(
            sample(), saved=950.0, refused=3.0)])])
        self.assertIn('of 1,000 reads: 950.0\n', text)
        self.assertTrue(text.endswith('of 1,000: 3.0'))


if __name__ == '__main__':
    unittest.main()
