"""A row of the bench."""

import dataclasses


@dataclasses.dataclass
class Row:
    """What is measured and what it is called."""
    group: str
    key: str  # such as "thread/praxis"
    title: str
    who: str
    load: object
    samples: list = dataclasses.field(default_factory=list)
