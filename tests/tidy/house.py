"""Holds ARCHITECTURE.md against the tree, both ways."""

import itertools
import re

from rules import Violation

_TOP = ('services', 'gateway', 'suite', 'proto', 'tests', 'docs', 'deploy', 'cmake')
_TOKEN = re.compile(r'[\w.{},-]+(?:/[\w.{},-]*)*/?$')


def house(tree):
    """Every folder and file that the map names exists, and every folder that
    holds code is on the map. A fenced tree that does not begin with a folder
    of the root shows the rooms that each service has."""
    source = next((s for s in tree if s.path == 'ARCHITECTURE.md'), None)
    if source is None:
        return
    there = set()
    for path in (s.path for s in tree):
        parts = path.split('/')
        there.update('/'.join(parts[:n]) for n in range(1, len(parts) + 1))
    services = sorted(path for path in there if re.fullmatch(
        r'services/(?!common$)\w+', path))
    known = set()
    for name, line in _named(source):
        rooms = [name] if name.split('/')[0] in _TOP else [f'{s}/{name}' for s in services]
        known.update(rooms)
        for path in rooms:
            if path not in there:
                yield Violation('house', source.path,
                                f'names {path}, which does not exist', line, path)
    for folder in sorted({s.path.rsplit('/', 1)[0] for s in tree
                          if s.is_cpp and '/' in s.path}):
        if folder not in known and not folder.endswith('/testing'):
            yield Violation('house', source.path, f'does not name {folder}/', name=folder)


def _named(source):
    """(path, line) of every path in a fenced tree or in backticks."""
    fenced, is_tree, stack = False, None, []
    for number, line in enumerate(source.lines, 1):
        if line.startswith('```'):
            fenced, is_tree, stack = not fenced, None, []
        elif fenced:
            if is_tree is None:
                is_tree = _is_path(line.split(' ')[0])
            for path in _tree_line(line, stack) if is_tree else []:
                yield path, number
        else:
            for quoted in re.findall(r'`([^`\s]+/[^`\s]*)`', line):
                if quoted.split('/')[0] in _TOP and _TOKEN.match(quoted):
                    for path in _braces(quoted):
                        yield path.rstrip('/'), number


def _tree_line(line, stack):
    """Paths of a line such as "  handlers/   one file a resource", below the
    folders in `stack`, a list of (indent, path)."""
    indent = len(line) - len(line.lstrip())
    while stack and stack[-1][0] >= indent:
        stack.pop()
    above = stack[-1][1] + '/' if stack else ''
    # Columns are two spaces apart: what follows is description.
    names = re.split(r'\s{2,}', line.strip())[0].split(' ')
    paths = []
    for name in itertools.takewhile(_is_path, names):
        paths += [above + p.rstrip('/') for p in _braces(name)]
    if len(paths) == 1 and names[0].endswith('/'):
        stack.append((indent, paths[0]))
    return paths


def _is_path(name):
    return bool(_TOKEN.match(name)) and (
        '/' in name or re.search(r'\.[\w{},]+$', name) is not None)


def _braces(text):
    """a/{b,c}/ -> a/b/, a/c/"""
    match = re.search(r'\{([^{}]*)\}', text)
    if not match:
        return [text]
    return [result for option in match[1].split(',') for result in
            _braces(text[:match.start()] + option + text[match.end():])]
