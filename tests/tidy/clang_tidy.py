#!/usr/bin/env python3
"""Runs clang-tidy over what changed: clang_tidy.py BUILD [--full].

A file takes 3 to 8 seconds, so one that passed is not looked at again until it,
a header of ours that it includes, or .clang-tidy changes: BUILD/clang_tidy
holds one stamp for each state that passed. Of the others at most FILES_MAX are
run, those with uncommitted changes first, then those of the newest commits;
--full runs all.
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

FILES_MAX = 20
ROOT = pathlib.Path(__file__).resolve().parents[2]
_INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)


def commands(build):
    """{path: compile command} without what only GCC knows: its warnings and the
    precompiled headers. A file must include all that it uses."""
    found = {}
    for entry in json.loads((build / 'compile_commands.json').read_text()):
        path = pathlib.Path(entry['file'])
        if ROOT not in path.parents or build in path.parents:
            continue
        words = iter(shlex.split(entry['command']))
        kept = []
        for word in words:
            if word == '-include':
                next(words)
            elif not word.startswith('-W'):
                kept.append(word)
        found[str(path.relative_to(ROOT))] = {**entry, 'command': shlex.join(kept)}
    return found


def state(path, build):
    """A hash of the file, of the headers of ours that it includes (through
    any number of others) and of the configuration."""
    digest = hashlib.sha256((ROOT / '.clang-tidy').read_bytes())
    seen, stack = set(), [path]
    while stack:
        name = stack.pop()
        if name in seen:
            continue
        seen.add(name)
        for folder in (ROOT, build / 'proto', build / 'generated'):
            if (folder / name).is_file():
                text = (folder / name).read_text()
                digest.update(f'{name}\0{text}\0'.encode())
                stack += sorted(_INCLUDE.findall(text))
                break
    return digest.hexdigest()


def by_age(paths):
    """Uncommitted changes first, then the files of the newest commits."""
    def git(*args):
        return subprocess.run(['git', '-C', ROOT, *args], text=True, check=False,
                              capture_output=True).stdout.splitlines()
    order = (git('diff', '--name-only', 'HEAD') + git('ls-files', '-o', '--exclude-standard')
             + git('log', '--name-only', '--format=', '-n', '30'))
    rank = {path: -i for i, path in enumerate(reversed(order))}
    return sorted(paths, key=lambda path: (rank.get(path, 1), path))


def run(path, database):
    """(path, whether it passed, what clang-tidy said)."""
    # A copy more does not matter in a test.
    checks = ['--checks=-performance-*'] if path.endswith('_test.cc') else []
    done = subprocess.run(
        ['clang-tidy', '--quiet', *checks, '-p', database, ROOT / path], text=True,
        check=False, capture_output=True)
    noise = re.compile(r'^\d+ warnings? (and \d+ errors? )?generated\.$', re.MULTILINE)
    return path, done.returncode == 0, done.stdout + noise.sub('', done.stderr).strip()


def main():
    build = (ROOT / sys.argv[1]).resolve()
    stamps = build / 'clang_tidy'
    stamps.mkdir(exist_ok=True)
    database = commands(build)
    (stamps / 'compile_commands.json').write_text(json.dumps(list(database.values())))
    states = {path: state(path, build) for path in database}
    todo = [path for path in by_age(states) if not (stamps / states[path]).exists()]
    chosen = todo if '--full' in sys.argv[2:] else todo[:FILES_MAX]

    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, passed, said in pool.map(lambda p: run(p, stamps), chosen):
            if passed:
                (stamps / states[path]).touch()
            else:
                failed += 1
                print(said)
    print(f'clang-tidy: {len(chosen)} files, {failed} with findings; '
          f'{len(database) - len(todo)} unchanged, {len(todo) - len(chosen)} left '
          'for --full')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
