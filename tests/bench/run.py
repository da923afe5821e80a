#!/usr/bin/env python3
"""Measures the suite, side by side with nginx, a bare gRPC echo and bare loops
on SQLite and PostgreSQL, and holds the figures against the targets.

Every row is a load on one server; a round goes once through all rows, so that
noise hits all alike, and the table has the medians of the rounds. CPU time is
the servers' own, without the load's; it holds steadier than requests a second
where others use the machine too. Results are kept as JSON in the folder --out.
"""

import argparse
import datetime
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import dataset
import programs
import report
import rows
import targets
from process import Failed
from servers import OneProcess


def _say(text):
    print(f'bench: {text}', file=sys.stderr, flush=True)


def _options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('groups', nargs='*', metavar='NAME',
                        help=f'what to measure: {", ".join(rows.GROUPS)}; by '
                             f'default all but {", ".join(rows.LONG)}')
    parser.add_argument('--only', action='append', default=[], metavar='NAME',
                        help='the same as NAME')
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--seconds', type=int, default=2, help='of a row in a round')
    parser.add_argument('--bin', type=pathlib.Path, required=True,
                        help='folder of the programs')
    parser.add_argument('--out', type=pathlib.Path, required=True,
                        help='folder for results and for data while it runs')
    parser.add_argument('--keep', action='store_true', help='keep data and logs')
    options = parser.parse_args()
    chosen = [*options.groups, *options.only]
    for name in chosen:
        if name not in rows.GROUPS:
            parser.error(f'there is no {name}; there are {", ".join(rows.GROUPS)}')
    options.groups = [g for g in rows.GROUPS
                      if g in chosen or not (chosen or g in rows.LONG)]
    options.bin, options.out = options.bin.resolve(), options.out.resolve()
    return options


def _fill(options, folder):
    """Fills a database through the API; both shapes begin with copies of it."""
    start = time.monotonic()
    server = OneProcess(options.bin, folder / 'praxis', folder / 'logs')
    try:
        data = dataset.fill(server.http_port)
    finally:
        server.stop()
    shutil.copytree(folder / 'praxis', folder / 'four')
    _say(f'{dataset.PEOPLE} people, {dataset.COMMUNITIES} communities, '
         f'{dataset.THREADS} threads and {dataset.POSTS} posts put in through '
         f'the API: {time.monotonic() - start:.0f} s')
    return data


def _run_rounds(bench, options, chosen, folder):
    """Measures `chosen`, round by round. Making a load has asked its server for
    each thing once, so none begins cold."""
    for number in range(1, options.rounds + 1 if chosen else 1):
        bench.sign_in()
        for row in chosen:
            row.samples.append(row.load.run(options.seconds, folder))
        _say(f'round {number} of {options.rounds}: {len(chosen)} rows')


def _measure_servers(options, folder):
    """The rows, measured, and the memory of praxis with all its data."""
    data = _fill(options, folder)
    bench = rows.Bench(options.bin, folder, data,
                       with_backbone=bool(
                           set(options.groups) & set(rows.ON_BACKBONE)))
    memory = None
    try:
        bench.sign_in()
        reads = [g for g in options.groups if g not in rows.WRITING]
        all_rows = []
        for group in (reads, [g for g in options.groups if g in rows.WRITING]):
            chosen = bench.rows(group)
            _run_rounds(bench, options, chosen, folder)
            all_rows += chosen
            if group is reads and 'cost' in reads:
                memory = bench.servers['praxis'].memory_mib()['Pss']
    finally:
        bench.stop()
    return all_rows, memory


def _about(options, load_before):
    commit = subprocess.run(['git', 'describe', '--always', '--dirty'], text=True,
                            capture_output=True, check=False).stdout.strip()
    return {'time': datetime.datetime.now(datetime.timezone.utc).isoformat(),
            'commit': commit, 'programs': options.bin.parent.name,
            'cores': os.cpu_count(), 'rounds': options.rounds,
            'seconds': options.seconds, 'load_before': load_before,
            'load_after': os.getloadavg()[0]}


def _print(all_rows, counts, lines, about):
    print(f'\n{about["cores"]} cores, load average {about["load_before"]:.1f} before '
          f'and {about["load_after"]:.1f} after; build {about["programs"]} of '
          f'{about["commit"]}; medians of {about["rounds"]} rounds of '
          f'{about["seconds"]} s, 64 at a time where no row says else\n')
    if all_rows:
        print(report.table(all_rows), end='\n\n')
    if counts:
        print(report.json_table(counts), end='\n\n')
    print(report.verdicts(lines))


def _main():
    options = _options()
    # By way of an exception, so that the servers are stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit('bench: stopped'))
    start, load = time.monotonic(), os.getloadavg()[0]
    options.out.mkdir(parents=True, exist_ok=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix='run-', dir=options.out))
    (folder / 'logs').mkdir()
    all_rows, memory, counts = [], None, {}
    try:
        if set(options.groups) - {'json'}:
            all_rows, memory = _measure_servers(options, folder)
        if 'json' in options.groups:
            counts = programs.count_json(options.bin)
    except Failed as failure:
        sys.exit(f'bench: {failure}')
    finally:
        if not options.keep:
            shutil.rmtree(folder)
    lines = targets.targets({row.key: row for row in all_rows}, counts, memory)
    about = _about(options, load)
    _print(all_rows, counts, lines, about)
    text = json.dumps(report.as_json(all_rows, counts, lines, about), indent=1)
    for name in (about['time'][:19].replace(':', ''), 'latest'):
        (options.out / f'{name}.json').write_text(text + '\n', encoding='utf-8')
    _say(f'{time.monotonic() - start:.0f} s; kept in {options.out}/latest.json')


if __name__ == '__main__':
    _main()
