"""Whether memory stays flat: ten minutes of mixed reads, and what the gateway
holds after each half."""

import sys

_PARTS = 20
_PART_SECONDS = 30
_SETTLED = 6  # parts: each of the three loads has been there twice


class SoakLoad:
    """A run is what the server's memory at the end is to what it was when it
    had settled. Asked again, it answers the same: once is enough."""

    def __init__(self, server, loads):
        self._server = server
        self._loads = loads
        self._growth = None

    def run(self, seconds, folder):
        """The growth, 1.0 for none."""
        del seconds
        if self._growth is None:
            held = [self._part(number, folder) for number in range(_PARTS)]
            self._growth = held[-1] / max(held[:_SETTLED])
        return self._growth

    def _part(self, number, folder):
        self._loads[number % len(self._loads)].run(_PART_SECONDS, folder)
        held = self._server.memory_mib()['Pss']
        print(f'bench: after {(number + 1) * _PART_SECONDS} s: {held:.1f} MiB',
              file=sys.stderr)
        return held
