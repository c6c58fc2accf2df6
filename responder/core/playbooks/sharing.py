"""Parts that several playbooks share: written once, put in where a playbook says `include: name`.

What it is for
    Files in the folder `shared` beside the playbooks hold named parts: a text, a list of lines, a
    question, several questions. `weave` puts them into a playbook before it is judged, so that a
    playbook is frozen whole and an incident never depends on a file that somebody changes (L9).

Rules it keeps
    * `include` alone stands for the part. What stands beside it is added: lists are joined, the
      shared lines first; of anything else the playbook's own counts.
    * A list among a list's entries is spread out, so one name can bring several questions.
    * A shared part includes no other: whoever reads one has read all of it.
    * A fault in a part is told where the part stands.

What it must not know
    The disk, and what a playbook is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from responder.core.playbooks.faults import Fault, Path, PlaybookFaults, near
from responder.core.playbooks.tree import LONGEST_FILE, Tree, read

INCLUDE: Final = "include"


@dataclass(frozen=True)
class Shared:
    """Named parts, each in the tree of the file that it stands in."""

    parts: Mapping[str, Tree] = field(default_factory=dict)


NOTHING_SHARED: Final = Shared()
Place: TypeAlias = tuple[Tree, Path, object]
"""What stands at a path of a file."""


def read_shared(files: Mapping[str, str]) -> tuple[Shared, tuple[Fault, ...]]:
    """The parts in these texts, by file name; and what is wrong with them.

    A file with a fault shares nothing. Of two parts of one name the first counts.
    """
    parts: dict[str, Tree] = {}
    faults: list[Fault] = []
    for name, text in sorted(files.items()):
        try:
            tree = _sound(text, name)
        except PlaybookFaults as error:
            faults += error.faults
            continue
        assert isinstance(tree.data, dict)
        for part in tree.data:
            if part in parts:
                what = f"there is a shared part `{part}` in {parts[part].file} already"
                faults.append(Fault(name, *tree.keys[(part,)], what, "give this one another name"))
            parts.setdefault(part, tree)
    return Shared(parts), tuple(faults)


def _sound(text: str, name: str) -> Tree:
    tree = read(text, name)
    if not isinstance(tree.data, dict):
        tree.fault((), "shared parts are a list of names", "begin with a name and a colon")
    for path in [path for path in tree.keys if path[-1] == INCLUDE]:
        what = "a shared part includes no other"
        tree.fault(path, what, "write the words out here", at_key=True)
    if tree.faults:
        raise PlaybookFaults(tree.faults)
    return tree


def includes(text: str) -> bool:
    """Whether a sound playbook's text includes any shared part."""
    return any(path[-1] == INCLUDE for path in read(text, "").keys)


def weave(tree: Tree, shared: Shared) -> Tree:
    """The tree with every shared part in its place."""
    if not any(path[-1] == INCLUDE for path in tree.keys):
        return tree
    loom = _Loom(tree, shared)
    loom.whole.data = loom.put(tree, (), (), tree.data)
    return loom.whole


class _Loom:
    """Builds the woven tree; every part keeps the place where it was written."""

    def __init__(self, tree: Tree, shared: Shared) -> None:
        self.shared = shared
        self.whole = Tree(tree.file, faults=tree.faults)
        self.room = 2 * LONGEST_FILE

    def put(self, source: Tree, at: Path, to: Path, data: object) -> object:
        """Copy what stands in the source at one path to another path."""
        self.mark(source, at, to)
        if isinstance(data, dict) and INCLUDE in data:
            return self.mixed(source, at, to, data)
        return self.inner(source, at, to, data)

    def inner(self, source: Tree, at: Path, to: Path, data: object) -> object:
        """The same, with what it holds; its own place is marked already."""
        if isinstance(data, dict):
            return {key: self.put(source, (*at, key), (*to, key), data[key]) for key in data}
        if isinstance(data, tuple):
            return self.entries(source, at, to, data)
        return data

    def mark(self, source: Tree, at: Path, to: Path) -> None:
        """Remember where this was written."""
        whole = self.whole
        whole.values[to] = source.values[at]
        if source.file != whole.file:
            whole.files[to] = source.file
        if at in source.keys:
            whole.keys[to] = source.keys[at]
        if at in source.broken:
            whole.broken.add(to)

    def entries(
        self, source: Tree, at: Path, to: Path, data: tuple[object, ...]
    ) -> tuple[object, ...]:
        """The entries of a list, shared lists spread out among them."""
        found: list[object] = []
        for number, entry in enumerate(data):
            file, here, many = self.spread((*at, number), entry, source)
            found += [
                self.put(file, (*here, *inner), (*to, len(found) + n), one)
                for n, (inner, one) in enumerate(many)
            ]
        return tuple(found)

    def spread(
        self, at: Path, entry: object, source: Tree
    ) -> tuple[Tree, Path, list[tuple[Path, object]]]:
        """What one entry brings: itself, or all that a shared list holds; where, in which file."""
        part = self.named(entry)
        if part is None or not isinstance(part[1], tuple) or entry != {INCLUDE: part[2]}:
            return source, at, [((), entry)]
        file, lines, name = part
        self.spend(file, name)
        return file, (name,), [((number,), one) for number, one in enumerate(lines)]

    def named(self, data: object) -> tuple[Tree, Any, str] | None:
        """The shared part that an `include` names: its file, what it is, its name."""
        name = data.get(INCLUDE) if isinstance(data, dict) else None
        tree = self.shared.parts.get(name) if isinstance(name, str) else None
        if tree is None or not isinstance(tree.data, dict):
            return None
        return tree, tree.data[name], str(name)

    def mixed(self, source: Tree, at: Path, to: Path, data: dict[str, object]) -> object:
        """What an `include` stands for, with what stands beside it."""
        part = self.named(data)
        if part is None:
            self.missing(source, (*at, INCLUDE), to, data[INCLUDE])
            return None
        file, shared, name = part
        own = {key: value for key, value in data.items() if key != INCLUDE}
        self.spend(file, name)
        if not own:
            self.mark(file, (name,), to)
            return self.inner(file, (name,), to, shared)
        if not isinstance(shared, dict):
            what = f"nothing can stand beside `{INCLUDE}: {name}`, which is one text or list"
            self.tell(source, (*at, INCLUDE), to, what, "delete what stands beside it")
            return None
        return {
            key: self.put(source, (*at, key), (*to, key), own[key])
            if key not in shared
            else self.put(file, (name, key), (*to, key), shared[key])
            if key not in own
            else self.joined((source, (*at, key), own[key]), (file, (name, key), shared[key]), to)
            for key in (*shared, *(key for key in own if key not in shared))
        }

    def joined(self, mine: Place, theirs: Place, to: Path) -> object:
        """What stands in both: lists one after the other, of anything else the playbook's own."""
        source, at, own = mine
        file, there, lines = theirs
        inner = (*to, at[-1])
        if not (isinstance(own, tuple) and isinstance(lines, tuple)):
            return self.put(source, at, inner, own)
        self.mark(source, at, inner)
        first = self.entries(file, there, inner, lines)
        more = [
            self.put(source, (*at, n), (*inner, len(first) + n), line) for n, line in enumerate(own)
        ]
        return (*first, *more)

    def spend(self, file: Tree, name: str) -> None:
        """Count what is put in: a few names must not make a book."""
        self.room -= sum(len(text) for path, text in file.texts() if path[0] == name)
        if self.room < 0:
            what = "this playbook includes more than it could hold if it were written out"
            raise PlaybookFaults([*self.whole.faults, Fault(self.whole.file, 1, 1, what)])

    def missing(self, source: Tree, at: Path, to: Path, name: object) -> None:
        """Tell that there is no part of that name."""
        known = sorted(self.shared.parts)
        meant = near(str(name), known) if known else "put a file with it in the folder `shared`"
        self.tell(source, at, to, f"there is no shared part `{name}`", meant)

    def tell(self, source: Tree, at: Path, to: Path, what: str, meant: str) -> None:
        """A fault at the `include` itself; what it stands for is not judged besides."""
        self.whole.faults.append(Fault(source.file, *source.values[at], what, meant))
        self.whole.broken.add(to)
