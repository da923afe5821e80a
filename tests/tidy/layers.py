"""The #include graph: who may see whom. ARCHITECTURE.md has the picture.

    rpc -> handlers -> domain      handlers -> store -> sql
    server.cc sees all             services meet only in proto/
"""

import re

from rules import Violation

_SERVICE = r'services/(?!common/)(?P<service>\w+)/'
_DRIVERS = r'services/common/(?:sql/(?:sqlite|postgres)\w*\.h|redis/.*|cache/redis.*)'
_COMMON_IO = r'services/common/(?:sql|rpc|events|redis|cache|config|telemetry)/'
_GRPC = r'grpc(?:pp)?/'
_BEAST_FILES_MAX = 3

# (the including file, what it must not include, why). `{service}` in the
# second is the service that the first has matched.
_RULES = [
    (_SERVICE, r'services/(?!common/|{service}/)', 'a service never sees another'),
    (_SERVICE, r'(?:gateway|suite)/', 'a service knows nothing above it'),
    (_SERVICE, r'praxis/(?!{service}/|options/|errors/|events/|http/)',
     'a service speaks its own proto; events cross over'),
    (r'services/common/', r'services/(?!common/)|gateway/|suite/|tests/',
     'services/common sees nothing outside itself'),
    (r'services/common/', r'praxis/(?:members|discussions|resources)/',
     'services/common knows no domain noun'),
    (_SERVICE + r'domain/', r'services/{service}/(?!domain/)|' + _COMMON_IO +
     r'|.*\.pb\.h$|google/protobuf/|boost/|' + _GRPC,
     'domain/ is pure: no I/O, no protobuf, no store'),
    (_SERVICE + r'store/', r'services/{service}/(?!store/|domain/|schema/)|praxis/|' +
     r'services/common/(?:rpc|config|redis|cache)/|' + _GRPC,
     'store/ sees domain/ and sql alone'),
    (_SERVICE + r'handlers/', r'services/{service}/(?:server|rpc)\.h|boost/|' + _GRPC,
     'handlers/ knows neither server nor transport'),
    (_SERVICE + r'convert\.', r'services/{service}/(?!domain/|convert\.h)|' +
     r'(?!services/common/rpc/)' + _COMMON_IO,
     'convert sees proto and domain/ alone'),
    (r'gateway/', r'services/(?!common/)|suite/', 'the gateway sees no service'),
    (r'gateway/', r'praxis/(?:members|discussions|resources)/',
     'the gateway holds no code per RPC'),
    (r'suite/', _SERVICE.replace('?P<service>', '?:') + r'(?!server\.h|config\.h)',
     'the suite sees servers, not what is in them'),
    (r'tests/(?:system|crash|chaos)/', r'services/|gateway/|suite/',
     'tests of the whole are a black box'),
]
_COMPILED = [(re.compile(a), b, why) for a, b, why in _RULES]
# A test may reach for what its subject may not, but for these.
_BIND_TESTS = re.compile(r'never sees another|black box|nothing outside itself')


def layers(tree):
    for source in tree:
        if not source.is_cpp:
            continue
        for pattern, forbidden, why in _COMPILED:
            match = pattern.match(source.path)
            if not match or (source.is_test and not _BIND_TESTS.search(why)):
                continue
            service = match.groupdict().get('service') or ''
            barred = re.compile(forbidden.replace('{service}', service))
            yield from _includes(source, barred, why)
        yield from _drivers(source)
    yield from _beast(tree)


def _includes(source, barred, why):
    for include, line in source.includes:
        if barred.match(include):
            yield Violation('layer', source.path, f'includes {include}: {why}',
                            line, include)


def _drivers(source):
    """Concrete adapters are named by composition roots alone."""
    inside = source.path.startswith('services/common/')
    if inside or source.is_test or source.path.endswith(('/server.cc', '/main.cc')):
        return
    yield from _includes(source, re.compile(_DRIVERS),
                         'only server.cc names a concrete adapter')


def _beast(tree):
    files = sorted(s.path for s in tree if s.is_cpp and any(
        i.startswith('boost/beast') for i, _ in s.includes))
    for path in files[_BEAST_FILES_MAX:]:
        yield Violation('beast', path, 'includes Boost.Beast, as do already '
                        f'{_BEAST_FILES_MAX} files; it compiles slowly')
