"""Writes the files of /docs, compressed, as code:
    embed.py OUTPUT NAME=FILE...
"""

import gzip
import hashlib
import pathlib
import sys

_TYPES = {
    '.html': 'text/html; charset=utf-8',
    '.css': 'text/css; charset=utf-8',
    '.js': 'text/javascript; charset=utf-8',
    '.txt': 'text/plain; charset=utf-8',
}


def _literal(data):
    """Bytes as string literals of a line each; octal, so that no digit that
    follows is taken for more of an escape."""
    lines = []
    for begin in range(0, len(data), 64):
        lines.append('"' + ''.join(f'\\{byte:03o}' for byte in
                                   data[begin:begin + 64]) + '"')
    return '\n'.join(lines)


def _entry(name, data):
    packed = gzip.compress(data, 9, mtime=0)
    etag = hashlib.sha256(data).hexdigest()[:16]
    return (f'    {{"{name}", "{_TYPES[pathlib.Path(name).suffix]}", "{etag}",\n'
            f'     {len(data)}, absl::string_view(\n{_literal(packed)},\n'
            f'     {len(packed)})}},\n')


def main():
    output, *files = sys.argv[1:]
    entries = []
    for file in files:
        name, path = file.split('=', 1)
        entries.append(_entry(name, pathlib.Path(path).read_bytes()))
    pathlib.Path(output).parent.mkdir(parents=True, exist_ok=True)
    pathlib.Path(output).write_text(
        '// Generated. DO NOT EDIT.\n'
        '#include "gateway/docs/asset.h"\n\n'
        'namespace praxis::gateway {\n\n'
        'absl::Span<const Asset> DocsAssets() {\n'
        '  static const Asset kAssets[] = {\n' + ''.join(entries) +
        '  };\n'
        '  return kAssets;\n'
        '}\n\n'
        '}  // namespace praxis::gateway\n')


if __name__ == '__main__':
    main()
