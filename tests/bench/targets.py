"""The lines of the targets that this bench can hold, and what it measured."""

import dataclasses
import statistics

from backbone_rows import POST_CALLERS
from gateway_rows import CONNECTIONS

_NODEBB_POSTS_PER_SECOND = 31


@dataclasses.dataclass(frozen=True)
class Target:
    """One line. `measured` is None when its rows were not chosen."""
    text: str
    at_most: bool
    bound: float
    unit: str
    measured: float | None

    @property
    def met(self):
        if self.at_most:
            return self.measured <= self.bound
        return self.measured >= self.bound


def ratio(rows, above, below, value):
    """Round by round, so that a noisy minute is in both; then the median."""
    if above not in rows or below not in rows:
        return None
    return statistics.median(value(a) / value(b) for a, b in zip(
        rows[above].samples, rows[below].samples))


def median(rows, key, value):
    """The median of a row's rounds; None for a row that was not chosen."""
    return statistics.median(map(value, rows[key].samples)) if key in rows else None


def _rate(sample):
    return sample if isinstance(sample, float) else sample.rate


def _cpu_ms(sample):
    return sample.cpu_us_all / 1e3


def _json(counts):
    limits = {'write_item': 0.12, 'read_item': 0.20, 'write_page': 0.18,
              'read_page': 0.20}
    for form, limit in limits.items():
        measured = counts[form] / counts[f'protobuf_{form}'] if counts else None
        what, size = form.split('_')
        text = (f'JSON {"writing" if what == "write" else "reading"}, '
                f'{"0.9 KB item" if size == "item" else "43 KB page"}, '
                'instructions to protobuf\'s')
        yield Target(text, True, limit, 'x', measured)


def _posts(rows):
    """At the store and end to end, to a bare loop with as many callers."""
    for who, database, http in (('SQLite', 'sqlite', 'praxis'),
                                ('PostgreSQL', 'postgres', 'suite')):
        for callers in POST_CALLERS:
            bare = f'post/{database}_bare/{callers}'
            for text, bound, above in (
                    ('by common/sql', 0.6, f'{database}_store'),
                    ('over HTTP', 0.3, http)):
                yield Target(
                    f'posts/s {text} to the loop, {who}, {callers} callers', False,
                    bound, 'x', ratio(rows, f'post/{above}/{callers}', bare, _rate))
    posts = median(rows, 'post/praxis/64', _rate)
    yield Target('posts/s over HTTP to NodeBB\'s 31', False, 100, 'x',
                 posts and posts / _NODEBB_POSTS_PER_SECOND)


def _gateways(rows):
    """Our gateway beside its peers, CPU of the gateway alone."""
    for kind, what, bounds in (
            ('get', 'GET 0.5 KB', {'grpc-gateway': 0.30, 'envoy': 0.8}),
            ('page', 'a page of 50', {'grpc-gateway': 0.06, 'envoy': 0.8}),
            ('post', 'POST 1 KB', {'grpc-gateway': 0.30, 'envoy': 0.8})):
        for peer, bound in bounds.items():
            for callers in CONNECTIONS:
                yield Target(
                    f'CPU of the gateway to {peer}, {what}, {callers} connections',
                    True, bound, 'x',
                    ratio(rows, f'gateway/{kind}/gateway/{callers}',
                          f'gateway/{kind}/{peer}/{callers}', _cpu_ms))
    yield Target('memory of the gateway after ten minutes to when it had settled',
                 True, 1.05, 'x', median(rows, 'soak/gateway', float))
    for callers in CONNECTIONS:
        yield Target(f'cached GET to nginx, requests/s, {callers} connections', False,
                     0.6, 'x', ratio(rows, f'gateway/cached/gateway/{callers}',
                                     f'gateway/cached/nginx/{callers}', _rate))


def _latencies(rows):
    p99 = lambda sample: sample.p99_ms
    for name in ('praxis', 'suite'):
        yield Target(f'leaving a community, {name}, p99', True, 50, 'ms',
                     median(rows, f'revoke/{name}', p99))
    yield Target('an event at a consumer by Redis, since its call, p99', True, 20, 'ms',
                 median(rows, 'events/suite', p99))


def targets(rows, counts, memory_mib):
    """Every line; `rows` is {key: Row}, `counts` as of count_json()."""
    lines = [
        Target('GET one thread to nginx, requests/s', False, 0.4, 'x',
               ratio(rows, 'thread/praxis', 'thread/nginx', _rate)),
        Target('the same, not signed in (no cache yet), requests/s', False, 0.6,
               'x', ratio(rows, 'thread/anonymous', 'thread/nginx', _rate)),
        Target('gRPC GetThread of praxis to the bare echo, CPU', True, 2, 'x',
               ratio(rows, 'rpc/praxis', 'rpc/echo', _cpu_ms)),
        Target('gRPC GetThread of discussions to the bare echo, CPU', True, 2,
               'x', ratio(rows, 'rpc/four', 'rpc/echo', _cpu_ms)),
    ]
    costs = {'page20': ('page of 20 posts', 0.15),
             'threads20': ('list of 20 threads', 0.12),
             'profile': ('profile', 0.08), 'search': ('search', 0.6),
             'post': ('reply to disk', 0.25)}
    key = lambda name: 'post/praxis/64' if name == 'post' else f'{name}/praxis'
    lines += [Target(f'CPU of praxis, {text}', True, bound, 'ms',
                     median(rows, key(name), _cpu_ms))
              for name, (text, bound) in costs.items()]
    return [
        *lines,
        Target('memory of praxis under load, PSS', True, 100, 'MiB', memory_mib),
        *_gateways(rows),
        *_posts(rows),
        *_latencies(rows),
        *_json(counts)]
