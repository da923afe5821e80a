"""Counts the instructions of the JSON transcoder under callgrind and holds them
to goals. Counts repeat to a few in ten thousand on any machine, so they can fail
a check where times could not.

    instructions.py build/dev/bin/gateway_transcode_bench

Ours against protobuf's own JSON for an item and a page, and that input made to
be slow costs no more than its size: four times the bytes, four times the work.
"""

import concurrent.futures
import os
import re
import subprocess
import sys

# At most this part of what protobuf needs.
_GOALS = {'write_item': 0.12, 'read_item': 0.20, 'write_page': 0.18, 'read_page': 0.20}

_HOSTILE = ['read_deep_lists', 'read_escapes', 'read_long_number', 'read_anys', 'read_keys',
            'read_spaces', 'write_unordered', 'write_same_key', 'write_escapes',
            'write_characters']
_SIZE = 10_000
# Sorting and rehashing cost a little more than linear.
_GROWTH_MAX = 4 * 1.25


def collected(program, *flags):
    """Instructions of one run of the program."""
    run = subprocess.run(
        ['valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null', program, *flags],
        capture_output=True, text=True, check=False)
    count = re.search(r'Collected : (\d+)', run.stderr)
    if run.returncode != 0 or not count:
        raise SystemExit(f'{program} {" ".join(flags)} failed:\n{run.stderr}')
    return int(count[1])


def instructions(program, operation, *flags):
    """Instructions of one operation: starting up is taken off."""
    once, more = (collected(program, f'--op={operation}', f'--times={times}', *flags)
                  for times in (1, 6))
    return (more - once) / 5


def main(program):
    hostile = [(f'hostile_{name}', f'--size={size}')
               for name in _HOSTILE for size in (_SIZE, 4 * _SIZE)]
    wanted = [(name,) for goal in _GOALS for name in (goal, f'protobuf_{goal}')] + hostile
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        counts = dict(zip(wanted, pool.map(lambda w: instructions(program, *w), wanted)))

    failed = []
    for name, goal in _GOALS.items():
        ours, theirs = counts[name,], counts[f'protobuf_{name}',]
        print(f'{name:18} {ours:12,.0f} {theirs:12,.0f}  {ours / theirs:.3f} of protobuf, '
              f'goal {goal:.2f}')
        if ours > goal * theirs:
            failed.append(name)
    for name in _HOSTILE:
        small, large = (counts[f'hostile_{name}', f'--size={s}'] for s in (_SIZE, 4 * _SIZE))
        print(f'{name:18} {small:12,.0f} {large:12,.0f}  {large / small:.2f} times for 4 times '
              'the bytes')
        if large > _GROWTH_MAX * small:
            failed.append(name)
    if failed:
        raise SystemExit(f'too many instructions: {", ".join(failed)}')


if __name__ == '__main__':
    main(*sys.argv[1:])
