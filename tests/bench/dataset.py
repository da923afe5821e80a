"""The data that everything is measured with, put in through the API: 200
people, 20 communities, 2,000 threads, 20,000 posts (targets.md)."""

import dataclasses
import itertools
import random

from pipelined import PipelinedClient, request

PEOPLE = 200
COMMUNITIES = 20
THREADS = 2000
POSTS = 20_000
PASSWORD = 'a long enough one'

_WORDS = 2000
_TOPICS = 100
_TITLE_WORDS = 6
_THREAD_WORDS = 24  # 0.5 KB of JSON
_POST_WORDS = 80  # 43 KB of JSON a page of 50
_COMMUNITIES_EACH = 5
_POSTS_OF_LONG_THREAD = 60


class Prose:
    """Text with the word frequencies of a language (Zipf), always the same."""

    def __init__(self):
        self._random = random.Random(1)
        syllables = [a + b for a in 'bdfgklmnprstvz' for b in 'aeiou']
        words = set()
        while len(words) < _WORDS:
            length = self._random.choice((2, 3, 3, 4))
            words.add(''.join(self._random.choices(syllables, k=length)))
        self._words = sorted(words)
        self._random.shuffle(self._words)
        self._weights = list(itertools.accumulate(
            1 / (rank + 10) for rank in range(_WORDS)))

    def text(self, words):
        return ' '.join(self._random.choices(
            self._words, cum_weights=self._weights, k=words))


def topic(number):
    """A middling word: it is in one post out of a hundred."""
    return f'topic{number % _TOPICS:02}'


def posts_of(thread):
    """How many posts the thread of this number has: 60 in one of twenty."""
    place = thread % 20
    return _POSTS_OF_LONG_THREAD if place == 0 else 8 if place <= 7 else 7


@dataclasses.dataclass
class DataSet:
    """Names of what is there, and whoever may read and write all of it."""
    member: str
    members: list
    communities: list
    long_threads: list  # with 60 posts
    short_threads: list  # for writing to
    topics: list
    post_bodies: list  # for writing
    token: str = ''

    def sign_in(self, port):
        """A new token of the reader and writer: they last ten minutes."""
        [answer] = PipelinedClient(port).all([request(
            'POST', '/v1/sessions',
            body={'handle': 'person000', 'password': PASSWORD})])
        self.token = answer.json()['accessToken']


def _people(port):
    """[(name, token)]. Passwords are hashed, a few at a time: this takes the
    longest."""
    client = PipelinedClient(port, connections=4)
    return [(a.json()['member']['name'], a.json()['accessToken'])
            for a in client.all(request('POST', '/v1/members:register', body={
                'handle': f'person{i:03}', 'displayName': f'Person {i}',
                'email': f'person{i:03}@example.org', 'password': PASSWORD,
            }) for i in range(PEOPLE))]


def _circle(community):
    """Numbers of the people in a community. Person 0 is in each."""
    step = PEOPLE // COMMUNITIES
    return [0, *((community * step + i) % (PEOPLE - 1) + 1
                 for i in range(step * _COMMUNITIES_EACH - 1))]


def _communities(client, people, prose):
    names = [f'communities/bench-{i:02}' for i in range(COMMUNITIES)]
    client.all(request(
        'POST', f'/v1/communities?community_id={name[12:]}', people[0][1],
        {'displayName': name, 'visibility': 'PUBLIC', 'joinPolicy': 'OPEN',
         'domain': prose.text(40)}) for name in names)
    client.all(request('POST', f'/v1/{name}/memberships', people[person][1], {})
               for i, name in enumerate(names) for person in _circle(i)[1:])
    return names


def _author(people, thread, turn):
    circle = _circle(thread * COMMUNITIES // THREADS)
    return people[circle[(thread + turn) % len(circle)]][1]


def _threads(client, people, communities, prose):
    return [a.json()['name'] for a in client.all(request(
        'POST', f'/v1/{communities[i * COMMUNITIES // THREADS]}/threads',
        _author(people, i, 0),
        {'kind': 'PROBLEM_SOLVING', 'title': prose.text(_TITLE_WORDS),
         'body': prose.text(_THREAD_WORDS)}) for i in range(THREADS))]


def _posts(client, people, threads, prose):
    """A post to each thread, then another: not many to one at once."""
    def requests():
        number = 0
        for turn in range(_POSTS_OF_LONG_THREAD):
            for i, thread in enumerate(threads):
                if turn < posts_of(i):
                    body = f'{prose.text(_POST_WORDS - 1)} {topic(number)}'
                    yield request('POST', f'/v1/{thread}/posts',
                                  _author(people, i, turn), {'body': body})
                    number += 1
    client.all(requests())


def fill(port):
    """Puts the data in. Returns the DataSet."""
    client, prose = PipelinedClient(port), Prose()
    people = _people(port)
    communities = _communities(client, people, prose)
    threads = _threads(client, people, communities, prose)
    _posts(client, people, threads, prose)
    return DataSet(
        member=people[0][0], members=[name for name, _ in people],
        communities=communities, long_threads=threads[::20],
        short_threads=threads[1::20], topics=[topic(i) for i in range(_TOPICS)],
        post_bodies=[prose.text(_POST_WORDS) for _ in range(100)])
