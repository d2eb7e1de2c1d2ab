"""One linter for every sort of data file, ours and the user's: `check(layers)`.

- `folders.py`: folders of data, later ones over earlier ones, and what is read out of them, once.
- `sorts.py`: the sorts of files by their place, each with its checks; the checks stand in the room that reads the file.
- `across.py`: what several sorts must say together, such as that a covered maker has a policy.

It stands above paperwork because it must know the readers of all rooms.
"""

from auditor.knowledge.sorts import SORTS, check, layers_of

__all__ = ["SORTS", "check", "layers_of"]
