"""Running a workflow the way the host runs it: step after step, in bash, with its files, variables, rights and expressions.

Only what our workflows use is there; anything else stops the run. What the host's own actions do is done by functions here.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

SECONDS = 120  # for one step
_EXPRESSION = re.compile(r"\$\{\{ *(.*?) *\}\}")
SHELLS = {None: ["bash", "-e"], "bash": ["bash", "--noprofile", "--norc", "-eo", "pipefail"]}


@dataclass
class Job:
    """One run of one job. `uses` does what the host's own actions do; `path` has the programs steps find."""

    workspace: Path
    temp: Path
    github: dict[str, Any]
    uses: Mapping[str, Callable[[Job, dict[str, str]], None]]
    path: str
    host: Mapping[str, str] = field(default_factory=dict)
    printed: str = ""
    failed: bool = False

    def run(self, workflow: Path, name: str) -> Job:
        """Run a job of a workflow, if its condition holds."""
        told = yaml.safe_load(workflow.read_text(encoding="utf-8"))
        job = told["jobs"][name]
        self.temp.mkdir(parents=True, exist_ok=True)
        self.workspace.mkdir(parents=True, exist_ok=True)
        (self.temp / "event.json").write_text(json.dumps(self.github["event"]), encoding="utf-8")
        for file in ("env", "path", "summary", "output"):
            (self.temp / file).touch()
        if self._holds(job.get("if"), {}):
            self._steps(job["steps"], {}, self.workspace)
        return self

    @property
    def summary(self) -> str:
        """Return the summary of the job."""
        return (self.temp / "summary").read_text(encoding="utf-8")

    def _steps(self, steps: list[dict[str, Any]], inputs: Mapping[str, str], action: Path) -> None:
        for step in steps:
            assert set(step) <= {"uses", "with", "run", "shell", "env", "if", "working-directory", "name"}, step
            if not self._holds(step.get("if"), inputs):
                continue
            if "run" in step:
                self._script(step, inputs, action)
            elif step["uses"].startswith("./"):
                self._action(self.workspace / step["uses"], self._filled(step.get("with", {}), inputs))
            else:
                name, _, pin = step["uses"].partition("@")
                assert re.fullmatch("[0-9a-f]{40}", pin), f"{name} is not pinned"
                self.uses[name](self, self._filled(step.get("with", {}), inputs))

    def _action(self, folder: Path, given: Mapping[str, str]) -> None:
        told = yaml.safe_load((folder / "action.yml").read_text(encoding="utf-8"))
        assert told["runs"]["using"] == "composite"
        known = {name: self.fill(str(one.get("default", "")), {}) for name, one in told.get("inputs", {}).items()}
        assert set(given) <= set(known)
        self._steps(told["runs"]["steps"], {**known, **given}, folder)

    def _script(self, step: dict[str, Any], inputs: Mapping[str, str], action: Path) -> None:
        assert "${{" not in step["run"], "no value is part of a script"
        file = self.temp / "step.sh"
        file.write_text(step["run"], encoding="utf-8")
        folder = self.workspace / self.fill(step.get("working-directory", "."), inputs)
        done = subprocess.run(
            [*SHELLS[step.get("shell")], str(file)],
            cwd=folder, env=self._environment(action) | self._filled(step.get("env", {}), inputs),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=SECONDS, check=False,
        )  # fmt: skip
        self.printed += done.stdout
        self.failed = self.failed or done.returncode != 0

    def _environment(self, action: Path) -> dict[str, str]:
        """Return what the host gives a step, and nothing of ours."""
        added = (self.temp / "path").read_text(encoding="utf-8").split()
        set_ = dict(line.split("=", 1) for line in (self.temp / "env").read_text(encoding="utf-8").splitlines())
        files = {f"GITHUB_{name.upper()}": str(self.temp / name) for name in ("env", "path", "output")}
        known = {f"GITHUB_{key.upper()}": value for key, value in self.github.items() if isinstance(value, str) and key != "token"}
        return {
            "PATH": os.pathsep.join([*reversed(added), self.path]), "HOME": str(self.temp), "LANG": "C.UTF-8", "CI": "true",
            "GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(self.workspace), "RUNNER_TEMP": str(self.temp),
            "GITHUB_EVENT_PATH": str(self.temp / "event.json"), "GITHUB_STEP_SUMMARY": str(self.temp / "summary"),
            "GITHUB_ACTION_PATH": str(action), **files, **known, **self.host, **set_,
        }  # fmt: skip

    # Expressions.

    def _filled(self, values: Mapping[str, Any], inputs: Mapping[str, str]) -> dict[str, str]:
        return {key: self.fill(str(value), inputs) for key, value in values.items()}

    def fill(self, text: str, inputs: Mapping[str, str]) -> str:
        """Return text with the values of its expressions."""
        return _EXPRESSION.sub(lambda found: str(self._value(found[1], inputs)), text)

    def _holds(self, condition: str | None, inputs: Mapping[str, str]) -> bool:
        if condition is None:
            return not self.failed
        inner = _EXPRESSION.fullmatch(condition)
        text = inner[1] if inner else condition
        held = bool(self._value(text, inputs))
        return held and (not self.failed or "cancelled()" in text or "always()" in text)

    def _value(self, text: str, inputs: Mapping[str, str]) -> Any:
        if "||" in text:
            found = [self._value(part.strip(), inputs) for part in text.split("||")]
            return next(filter(None, found), found[-1])
        if "&&" in text:
            return all(self._value(part.strip(), inputs) for part in text.split("&&"))
        for sign in ("==", "!="):
            if sign in text:
                left, right = (self._value(part.strip(), inputs) for part in text.split(sign))
                return (left == right) == (sign == "==")
        if (call := re.fullmatch(r"startsWith\((.*), *(.*)\)", text)) is not None:
            return str(self._value(call[1], inputs)).startswith(str(self._value(call[2], inputs)))
        if text in ("!cancelled()", "always()"):
            return True
        if text[0] == "'":
            return text.strip("'")
        value: Any = {"github": self.github, "inputs": inputs, "runner": {"temp": str(self.temp)}}
        for name in text.split("."):
            value = value.get(name, "") if isinstance(value, Mapping) else ""
        return value
