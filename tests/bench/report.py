"""The table, and the same as JSON."""

import dataclasses
import statistics

_HEAD = f'{"":50}{"req/s":>9}{"+-%":>5}{"CPU us":>8}{"p50 ms":>9}{"p99 ms":>9}' \
        f'{"RSS MiB":>9}{"PSS MiB":>9}{"anon":>7}'


def summary(row):
    """The medians of a row's rounds. `spread` is half of what lies between the
    least and the most requests a second, to the median."""
    samples = row.samples
    if isinstance(samples[0], float):  # of a program that measures itself
        rates, result = samples, {}
    else:
        middle = lambda value: statistics.median(map(value, samples))
        rates = [sample.rate for sample in samples]
        result = {
            'cpu_us': {name: middle(lambda s, n=name: s.cpu_us[n])
                       for name in samples[0].cpu_us},
            'cpu_us_all': middle(lambda s: s.cpu_us_all),
            **{name: middle(lambda s, n=name: getattr(s, n))
               for name in ('p50_ms', 'p99_ms', 'rss_mib', 'pss_mib', 'anon_mib',
                            'saved', 'refused')}}
    rate = statistics.median(rates)
    return {'rate': rate, 'spread': (max(rates) - min(rates)) / 2 / rate, **result}


def table(rows):
    """The rows, a heading above those of one title."""
    lines, title = [_HEAD], None
    for row in rows:
        if row.title != title:
            title = row.title
            lines.append(title)
        lines.append(_line(row))
    return '\n'.join(lines)


def _line(row):
    of = summary(row)
    line = f'  {row.who:48}{of["rate"]:9,.0f}{of["spread"]:5.0%}'
    if 'cpu_us' in of:
        line += (f'{of["cpu_us_all"]:8.1f}{of["p50_ms"]:9.2f}{of["p99_ms"]:9.2f}'
                 f'{of["rss_mib"]:9.1f}{of["pss_mib"]:9.1f}{of["anon_mib"]:7.1f}')
        if len(of['cpu_us']) > 1:
            parts = ' + '.join(f'{name} {us:.1f}' for name, us in of['cpu_us'].items()
                               if us >= 0.05)
            line += f'\n      CPU us: {parts}'
        if of['saved']:
            line += (f'\n      queries saved by the cache, of 1,000 reads: '
                     f'{of["saved"]:.1f}')
        if of['refused']:
            line += f'\n      refused besides, of 1,000: {of["refused"]:.1f}'
    return line.rstrip()


def json_table(counts):
    """Instructions of JSON, by us and by protobuf."""
    lines = [f'{"JSON, instructions":42}{"ours":>12}{"protobuf":>12}{"ratio":>8}']
    for form, count in counts.items():
        if not form.startswith('protobuf_'):
            other = counts[f'protobuf_{form}']
            lines.append(f'  {form.replace("_", " a "):40}{count:12,.0f}'
                         f'{other:12,.0f}{count / other:8.3f}')
    return '\n'.join(lines)


def verdicts(targets):
    """Each measured target beside its bound."""
    lines = [f'{"Target":62}{"bound":>12}{"measured":>12}']
    for target in targets:
        if target.measured is None:
            continue
        bound = f'{"<=" if target.at_most else ">="} {target.bound:g} {target.unit}'
        measured = f'{_short(target.measured)} {target.unit}'
        lines.append(f'  {target.text:60}{bound:>12}{measured:>12}'
                     f'  {"met" if target.met else "NOT MET"}')
    return '\n'.join(lines)


def _short(number):
    return f'{number:.0f}' if number >= 100 else f'{number:.3g}'


def as_json(rows, counts, targets, about):
    """All of it, every round too, for a file."""
    return {
        'about': about,
        'rows': {row.key: {
            'title': row.title, 'who': row.who, 'median': summary(row),
            'rounds': [s if isinstance(s, float) else dataclasses.asdict(s)
                       for s in row.samples]} for row in rows},
        'json_instructions': counts,
        'targets': [{**dataclasses.asdict(t), 'met': t.met} for t in targets
                    if t.measured is not None]}
