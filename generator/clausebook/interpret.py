"""A checked body as a chain of small functions: what Jinja would compile to, made at a tenth of the cost."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from jinja2 import StrictUndefined, nodes
from jinja2.sandbox import SandboxedEnvironment


@dataclass
class Frame:
    """One rendering: the names and filters a body can use, the line that is being rendered, the room left and what was written."""

    names: Mapping[str, Any]
    filters: Mapping[str, Callable[..., Any]]
    room: int
    line: int = 1
    pieces: list[str] = field(default_factory=list)

    def write(self, piece: str) -> bool:
        """Add a piece of text; tell whether there was room for it."""
        self.pieces.append(piece)
        self.room -= len(piece)
        return self.room >= 0


Value = Callable[[Frame], Any]
Step = Callable[[Frame], bool]  # whether there was room for what it wrote


@dataclass(frozen=True)
class Program:
    """Makes steps of the nodes of a body. `finalize` turns a printed value into text."""

    environment: SandboxedEnvironment
    finalize: Callable[[Any], str]

    def steps(self, body: list[nodes.Node]) -> tuple[Step, ...]:
        """Return the steps of some nodes, in order."""
        return tuple(step for node in body for step in self._of(node))

    def _of(self, node: Any) -> list[Step]:
        if isinstance(node, nodes.Output):
            return [self._text(child.data) if isinstance(child, nodes.TemplateData) else self._printed(child) for child in node.nodes]
        return [self._choice(node)]

    def _text(self, data: str) -> Step:
        return lambda frame: frame.write(data)

    def _printed(self, node: nodes.Expr) -> Step:
        value, line, finalize = self._value(node), node.lineno, self.finalize

        def step(frame: Frame) -> bool:
            frame.line = line
            return frame.write(finalize(value(frame)))

        return step

    def _choice(self, node: nodes.If) -> Step:
        cases = [(case.lineno, self._value(case.test), self.steps(case.body)) for case in (node, *node.elif_)]
        last = self.steps(node.else_)

        def step(frame: Frame) -> bool:
            for line, test, steps in cases:
                frame.line = line
                if test(frame):
                    return all(inner(frame) for inner in steps)
            return all(inner(frame) for inner in last)

        return step

    def _value(self, node: nodes.Node) -> Value:
        return _VALUES[type(node)](self, node)

    def _constant(self, node: nodes.Const) -> Value:
        value = node.value
        return lambda _: value

    def _list(self, node: nodes.List) -> Value:
        items = [self._value(item) for item in node.items]
        return lambda frame: [item(frame) for item in items]

    def _name(self, node: nodes.Name) -> Value:
        name = node.name
        return lambda frame: frame.names[name] if name in frame.names else StrictUndefined(name=name)

    def _attribute(self, node: nodes.Getattr) -> Value:
        inner, name, getattr_ = self._value(node.node), node.attr, self.environment.getattr

        def value(frame: Frame) -> Any:
            owner = inner(frame)
            return owner[name] if type(owner) is dict and name in owner else getattr_(owner, name)

        return value

    def _filtered(self, node: nodes.Filter) -> Value:
        assert node.node is not None
        inner, name, arguments = self._value(node.node), node.name, [self._value(argument) for argument in node.args]
        return lambda frame: frame.filters[name](inner(frame), *(argument(frame) for argument in arguments))

    def _called(self, node: nodes.Call) -> Value:
        called, arguments = self._value(node.node), [self._value(argument) for argument in node.args]
        return lambda frame: called(frame)(*(argument(frame) for argument in arguments))

    def _and(self, node: nodes.And) -> Value:
        left, right = self._value(node.left), self._value(node.right)
        return lambda frame: left(frame) and right(frame)

    def _or(self, node: nodes.Or) -> Value:
        left, right = self._value(node.left), self._value(node.right)
        return lambda frame: left(frame) or right(frame)

    def _not(self, node: nodes.Not) -> Value:
        inner = self._value(node.node)
        return lambda frame: not inner(frame)

    def _compared(self, node: nodes.Compare) -> Value:
        first = self._value(node.expr)
        others = [(_OPERATORS[operand.op], self._value(operand.expr)) for operand in node.ops]

        def value(frame: Frame) -> bool:
            left = first(frame)
            for compare, other in others:
                right = other(frame)
                if not compare(left, right):
                    return False
                left = right
            return True

        return value


_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "lteq": operator.le,
    "gt": operator.gt,
    "gteq": operator.ge,
    "in": lambda left, right: left in right,
    "notin": lambda left, right: left not in right,
}
_VALUES: dict[type[nodes.Node], Callable[[Program, Any], Value]] = {
    nodes.Const: Program._constant,
    nodes.List: Program._list,
    nodes.Name: Program._name,
    nodes.Getattr: Program._attribute,
    nodes.Filter: Program._filtered,
    nodes.Call: Program._called,
    nodes.And: Program._and,
    nodes.Or: Program._or,
    nodes.Not: Program._not,
    nodes.Compare: Program._compared,
}
