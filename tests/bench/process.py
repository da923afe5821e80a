"""Programs under measurement: started, watched from /proc, and ended by pid."""

import json
import os
import signal
import subprocess
import time

_START_LIMIT_S = 60
_STOP_LIMIT_S = 30


class Failed(Exception):
    """The bench cannot go on; the text says why."""


class Watched:
    """A process that somebody else starts and ends. Its children count as it."""

    def __init__(self, name, pid):
        self.name = name
        self._pid = pid

    def cpu_ns(self):
        """CPU time so far, user and system, of all threads that are and were,
        and of children that have ended, to 10 ms."""
        return sum(_each(cpu_ns_of, self.pids())) + _cpu_ns_of_ended(self._pid)

    def memory_kib(self):
        """{'Rss', 'Pss', 'Pss_Anon'} now. The last is without files that are
        mapped, whose pages the kernel takes back when it needs them."""
        sums = {'Rss': 0, 'Pss': 0, 'Pss_Anon': 0}
        for text in _each(_rollup, self.pids()):
            for line in text.splitlines():
                name, _, rest = line.partition(':')
                if name in sums:
                    sums[name] += int(rest.split()[0])
        return sums

    def pids(self):
        """Its own and its children's."""
        pid = self._pid
        with open(f'/proc/{pid}/task/{pid}/children', encoding='ascii') as file:
            return [pid, *map(int, file.read().split())]


class Process(Watched):
    """A program that runs until stop()."""

    def __init__(self, name, command, log, environment=None):
        self._log = log
        self._begin = os.path.getsize(log) if os.path.exists(log) else 0
        with open(log, 'ab') as out:
            self._process = subprocess.Popen(
                [str(word) for word in command], stdin=subprocess.DEVNULL,
                stdout=out, stderr=out, start_new_session=True,
                env={**os.environ, **(environment or {})})
        super().__init__(name, self._process.pid)

    def await_line(self, key):
        """The first logged line of JSON that has `key`, as a dict."""
        def look():
            for line in self._logged().splitlines():
                try:
                    said = json.loads(line)
                except ValueError:
                    continue
                if isinstance(said, dict) and key in said:
                    return said
            return None
        return self.await_true(look, f'does not say its {key}')

    def await_true(self, condition, what):
        """What `condition` returns once it is true; Failed after a minute."""
        limit = time.monotonic() + _START_LIMIT_S
        while time.monotonic() < limit and self._process.poll() is None:
            if result := condition():
                return result
            time.sleep(0.02)
        raise Failed(f'{self.name} {what}; its log:\n{self._logged()[-4000:]}')

    def pids(self):
        if self._process.poll() is not None:
            raise Failed(f'{self.name} has ended with {self._process.returncode};'
                         f' its log:\n{self._logged()[-4000:]}')
        return super().pids()

    def _logged(self):
        with open(self._log, encoding='utf-8', errors='replace') as file:
            file.seek(self._begin)
            return file.read()

    def stop(self):
        """SIGTERM, and SIGKILL for what does not end by it."""
        if self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(_STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        try:
            os.killpg(self._process.pid, signal.SIGKILL)  # its session's group
        except ProcessLookupError:
            pass


def cpu_ns_of(pid):
    """CPU time of a process so far, user and system."""
    # The clock of a process (clock_getcpuclockid(3)): exact to the nanosecond,
    # and unlike /proc/PID/task it has the threads that are gone.
    return time.clock_gettime_ns((~pid << 3) | 2)


def _cpu_ns_of_ended(pid):
    """CPU time of a process's children that have ended."""
    with open(f'/proc/{pid}/stat', encoding='utf-8') as file:
        fields = file.read().rpartition(')')[2].split()
    ticks = int(fields[13]) + int(fields[14])  # cutime and cstime, proc(5)
    return ticks * 1_000_000_000 // os.sysconf('SC_CLK_TCK')


def _rollup(pid):
    with open(f'/proc/{pid}/smaps_rollup', encoding='ascii') as file:
        return file.read()


def _each(look, pids):
    """What `look` sees of each; a child may end before it is looked at."""
    for pid in pids:
        try:
            yield look(pid)
        except OSError:
            continue


def output_of(command, **options):
    """The standard output of a program that must succeed."""
    done = subprocess.run([str(word) for word in command], text=True,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          check=False, **options)
    if done.returncode != 0:
        raise Failed(f'{command[0]} ended with {done.returncode}:\n'
                     f'{done.stdout[-2000:]}{done.stderr[-2000:]}')
    return done.stdout
