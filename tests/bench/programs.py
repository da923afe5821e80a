"""Rows that are not a load on a server: programs that measure themselves."""

import concurrent.futures
import json
import os
import re

from process import Failed, output_of

_COUNTED = re.compile(r'Collected : (\d+)')
_TIMES = 10  # operations between the two counts
_FORMS = [f'{what}_{size}' for size in ('item', 'page')
          for what in ('write', 'read')]


def _instructions(programs, operation, times):
    # Bare `valgrind` is given no file to write to but /dev/null.
    said = output_of(['sh', '-c', 'exec "$@" 2>&1', 'sh', 'valgrind',
                      '--tool=callgrind', '--callgrind-out-file=/dev/null',
                      programs / 'gateway_transcode_bench',
                      f'--op={operation}', f'--times={times}'])
    if not (count := _COUNTED.search(said)):
        raise Failed(f'callgrind counted nothing:\n{said[-2000:]}')
    return int(count[1])


def count_json(programs):
    """{operation: instructions} of JSON written and read, by us and by
    protobuf. Counts are the same on any machine, however busy."""
    operations = [*_FORMS, *(f'protobuf_{form}' for form in _FORMS)]
    jobs = [(operation, times) for operation in operations
            for times in (1, 1 + _TIMES)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        counts = dict(zip(jobs, pool.map(
            lambda job: _instructions(programs, *job), jobs)))
    return {operation: (counts[operation, 1 + _TIMES] - counts[operation, 1])
            / _TIMES for operation in operations}


class StoreLoad:
    """A row of common_sql_bench: posts and their events committed to disk."""

    def __init__(self, programs, name, postgres=''):
        self._programs = programs
        self._name = name
        self._postgres = postgres

    def run(self, seconds, folder):
        """One round: posts a second. Its own database is filled each time that
        it tries how much fits into the time, so it has half of it."""
        said = json.loads(output_of(
            [self._programs / 'common_sql_bench', '--benchmark_format=json',
             f'--benchmark_filter=^{self._name}$',
             f'--benchmark_min_time={seconds / 2}'],
            env={**os.environ, 'TMPDIR': str(folder),
                 'PRAXIS_TEST_POSTGRES': self._postgres}))
        return said['benchmarks'][0]['items_per_second']
