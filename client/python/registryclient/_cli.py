# SPDX-License-Identifier: MIT
"""The command line behind `python -m registryclient`.

Options, output and exit codes are those of `registryctl`: tables on a terminal, JSON otherwise; errors on
stderr; 0 done, 1 the answer is "no", 2 usage, 3 refused, 4 cannot be reached, 5 a fault."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

import registryclient
from registryclient import Parity, Registry, RegistryError, errors
from registryclient._tables import parity_text, printable, records_text

PROGRAM = "python -m registryclient"
EXIT_CODES = """exit codes:
  0  done
  1  the answer is "no": differences, nothing found, something to repair
  2  usage error
  3  the registry refused
  4  the registry cannot be reached
  5  a fault of the program or the machine
"""


def _registry(options: argparse.Namespace) -> Registry:
    return Registry(options.url, environment=options.environment, token=options.token, timeout=options.timeout,
                    convention=getattr(options, "convention", None), insecure_plain=bool(options.insecure_plain))  # fmt: skip


def _print(options: argparse.Namespace, document: Any, text: Callable[[], str]) -> None:
    """The document as JSON, or its table."""
    if _is_table(options):
        sys.stdout.write(text())
    else:
        print(json.dumps(document, indent=2, ensure_ascii=sys.stdout.isatty()))


def _is_table(options: argparse.Namespace) -> bool:
    return options.format != "json"


def _resolve(options: argparse.Namespace) -> int:
    found = _registry(options).resolve(*options.groups, python=options.python, prereleases=options.prereleases,
                                       names=options.name, packages=options.package)  # fmt: skip
    records = [record.to_dict() for record in found]
    known = {record["group"] for record in records}
    missing = [f"{printable(group)}  no entry points match\n" for group in options.groups if group not in known]
    _print(options, records, lambda: "\n".join(filter(None, [records_text(records), *missing])))
    return int(options.require and not records)


def _walk(options: argparse.Namespace) -> int:
    records = [record.to_dict() for record in _registry(options).walk(*options.roots)]
    _print(options, records, lambda: records_text(records) or "No plugins were found.\n")
    return int(options.require and not records)


def _compare(options: argparse.Namespace) -> int:
    from registryclient import _report

    parity = _registry(options).compare(options.group, *options.roots)
    is_empty = _report.is_empty(parity.report)
    equal = options.allow_empty if is_empty else parity.is_equal(strict=options.strict)
    report = {**parity.report, "equal": equal}
    _print(options, report, lambda: "" if is_empty and not equal else parity_text(report))
    if is_empty and not equal:
        sys.stdout.flush()
        print("registryclient: Neither the directories nor the registry have an entry point of the group "
              f'"{printable(options.group)}".\nCorrect the name, or use --allow-empty if the group is meant to be empty.',
              file=sys.stderr)  # fmt: skip
        return 1
    if options.report:
        sys.stdout.flush()
        _send_report(options, parity, equal if is_empty else parity.is_equal())
    return int(not report["equal"])


def _send_report(options: argparse.Namespace, parity: Parity, equal: bool) -> None:
    try:
        _registry(options).report(parity, host=options.host, equal=equal, for_seconds=options.duration,
                                  allow_empty=options.allow_empty)  # fmt: skip
    except RegistryError as error:
        raise type(error)(f"The report was not stored: {error.message}", error.where) from None


def _seconds(text: str) -> int:
    """"24h" as seconds; a plain number is seconds."""
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400}
    digits = text.rstrip("smhd") if text[-1:] in units else text
    unit = units.get(text[len(digits):] or "s")
    if not digits.isascii() or not digits.isdigit() or unit is None or not int(digits):
        raise argparse.ArgumentTypeError(f'invalid duration "{text}"; use a time such as 7d, 24h, 30m or 45s')
    return int(digits) * unit


def _sending(name: str) -> Callable[[argparse.Namespace], int]:
    """A command of _cli_sending."""

    def run(options: argparse.Namespace) -> int:
        from registryclient import _cli_sending

        document, text, code = getattr(_cli_sending, name)(options, _registry(options))
        _print(options, document, text)
        return code

    return run


def _facts(options: argparse.Namespace) -> int:
    from registryclient import facts

    print(json.dumps(facts.collect(kernel=options.kernel), indent=2, ensure_ascii=False))
    return 0


def _hook(options: argparse.Namespace) -> int:
    """Lists the start-up hooks of this Python; installs or removes ours."""
    from registryclient import _startup

    try:
        changed = {"install": _startup.write, "remove": _startup.remove, "show": list}[options.action]()
    except OSError as error:
        raise errors.BY_CODE["io"](f"The hook cannot be changed: {error.strerror}", str(error.filename)) from None
    hooks = [{"path": hook.path, "runs": hook.runs, "note": hook.note} for hook in _startup.hooks()]
    done = "".join(f"{'Removed' if options.action == 'remove' else 'Installed'}: {printable(path)}\n" for path in changed)
    table = "".join(f"{printable(hook['path'])}\n    {printable(hook['runs'])}\n"
                    + (f"    {printable(hook['note'])}\n" if hook["note"] else "") for hook in hooks)  # fmt: skip
    _print(options, {"changed": changed, "hooks": hooks}, lambda: done + (table or "No start-up hook is installed.\n"))
    return 0


def _doctor(options: argparse.Namespace) -> int:
    from registryclient._doctor import diagnose, diagnosis_text

    checks = diagnose(_registry(options))
    _print(options, checks, lambda: diagnosis_text(checks))
    return int(any(check["state"] == "error" for check in checks))


def _add_globals(parser: argparse.ArgumentParser, default: Any) -> None:
    """The options that stand before or after the command."""
    add = parser.add_argument
    add("--url", default=default, help="the registry (REGISTRYD_URL); default http://127.0.0.1:7621")
    add("--environment", metavar="NAME", default=default,
        help='the environment to ask for (REGISTRYD_ENVIRONMENT); default "default"')  # fmt: skip
    add("--token", default=default, help="better given as REGISTRYD_TOKEN, where other users cannot see it")
    add("--insecure-plain", action="store_true", default=default,
        help="send the token over plain http to another host (REGISTRYD_INSECURE_PLAIN)")  # fmt: skip
    add("--timeout", metavar="SECONDS", type=float, default=default, help="how long one request may take; default 10")
    add("--format", choices=("table", "json"), default=default, help="default table")


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROGRAM, description="Find and compare plugins, and check this machine.", epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--version", action="version", version=f"registryclient {registryclient.__version__}")
    _add_globals(parser, None)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def command(name: str, run: Callable[[argparse.Namespace], int], summary: str) -> Callable[..., Any]:
        made = commands.add_parser(name, help=summary, description=f"{summary}.")
        _add_globals(made, argparse.SUPPRESS)
        made.set_defaults(run=run)
        return made.add_argument

    add = command("resolve", _resolve, "ask the registry which entry points a group has")
    add("groups", nargs="+", metavar="GROUP")
    add("--python", metavar="VERSION", help="only releases that run on it, e.g. 3.11; default this Python")
    add("--prereleases", action="store_true", help="pre-releases count too")
    add("--name", metavar="NAME", action="append", default=[], help="only entry points with this name; repeats")
    add("--package", metavar="NAME", action="append", default=[], help="only entry points of this package; repeats")
    add("--require", action="store_true", help="exit 1 when nothing matched")
    add = command("walk", _walk, "find plugins in directories, without running anything")
    add("roots", nargs="+", metavar="ROOT", help="PATH or LABEL=PATH; the first wins")
    add("--convention", metavar="NAME", help="auto (default: the first that matches), a name, or FILE.yaml")
    add("--require", action="store_true", help="exit 1 when nothing was found")
    add = command("compare", _compare, "compare directories with the registry, entry by entry")
    add("group", metavar="GROUP")
    add("roots", nargs="+", metavar="ROOT", help="PATH or LABEL=PATH; the first wins")
    add("--convention", metavar="NAME", help="auto (default: the first that matches), a name, or FILE.yaml")
    add("--strict", action="store_true", help="shadowed plugins count as differences too")
    add("--allow-empty", action="store_true", help="accept a group that has no entry points on either side")
    add("--report", action="store_true", help="send the result to the registry (needs a token)")
    add("--host", metavar="NAME", help="the name of the reporting host; default the name of this machine")
    add("--for", metavar="DURATION", dest="duration", type=_seconds,
        help="how long reports must agree until a switch is safe; default 24h")  # fmt: skip
    add = command("explain", _sending("explain"), "ask the registry which releases a group does not get, and why")
    add("groups", nargs="+", metavar="GROUP")
    add("--python", metavar="VERSION", help="only releases that run on it, e.g. 3.11; default this Python")
    add("--prereleases", action="store_true", help="pre-releases count too")
    add("--name", metavar="NAME", action="append", default=[], help="only entry points with this name; repeats")
    add("--package", metavar="NAME", action="append", default=[], help="only entry points of this package; repeats")
    add = command("search", _sending("search"), "search packages by words, group, classifier or status")
    add("words", nargs="*", metavar="TEXT")
    add("--group", metavar="NAME", action="append", default=[], help="only packages with entry points in this group")
    add("--classifier", metavar="TEXT", action="append", default=[], help="only packages with this classifier")
    add("--status", metavar="STATUS", help="only packages that are active, deprecated, archived or quarantined")
    add("--limit", metavar="N", type=int, help="at most N packages; default 100")
    add("--require", action="store_true", help="exit 1 when nothing matches")
    add = command("publish", _sending("publish"), "publish artifacts, projects or plugin directories (needs a token)")
    add("paths", nargs="+", metavar="PATH", help="a wheel, an sdist, a project, or a plugin directory")
    add("--version", metavar="VERSION", help="of a project that declares none")
    add("--metadata-only", action="store_true", help="do not pack plugin directories as wheels")
    add("--convention", metavar="NAME", help="auto (default: the first that matches), a name, or FILE.yaml")
    add = command("enable", _sending("enable"), "enable a package in the environment (needs a token)")
    add("package", metavar="PACKAGE")
    add("--pin", metavar="SPECIFIER", help="and pin it to these versions, e.g. '~=1.2'")
    add = command("disable", _sending("disable"), "disable a package in the environment (needs a token)")
    add("package", metavar="PACKAGE")
    add = command("facts", _facts, "print what an environment in the registry should know of this Python")
    add("--kernel", action="store_true", help="include the kernel's build (platform_release, platform_version)")
    add = command("hook", _hook, "list the start-up hooks of this Python, or add ours: install() in every program")
    add("action", nargs="?", choices=("show", "install", "remove"), default="show", help="install or remove ours; default show")
    command("doctor", _doctor, "check the installation, the registry and the snapshot, and say what to repair")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; its exit code."""
    options = _make_parser().parse_args(arguments)
    try:
        code = options.run(options)
        sys.stdout.flush()
        return code
    except RegistryError as error:
        sys.stdout.flush()
        print(f"registryclient: {printable(str(error))}", file=sys.stderr)
        return error.exit_code
    except OSError as error:  # standard output: its reader has ended, or the disk is full
        if not isinstance(error, BrokenPipeError):
            print(f"registryclient: The answer could not be written: {error.strerror}", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nothing more is tried at exit
        return 5
