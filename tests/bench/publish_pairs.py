# SPDX-License-Identifier: MIT
"""Whether publishing got slower: two builds in turns, each with a registry of its own, with and without reserved names.

    /usr/bin/python3 tests/bench/publish_pairs.py OTHER-BUILD-DIRECTORY [--rounds 6] [--seconds 2]

A line of JSON for each pair: publishes per second of both, and the median of the rounds' ratios (ours / the other's).
On a busy machine single rounds mean nothing; the median of many does."""

import argparse
import json
import pathlib

import tools
from support import daemon as support

OURS = support.PROGRAM


class OlderDaemon(tools.PlainDaemon):
    """Of a build that may not know today's settings."""

    def _environment(self):
        return {name: value for name, value in super()._environment().items() if name != "REGISTRYD_OPERATOR"}

    def command(self, arguments=()):
        return [str(self.program), *super().command(arguments)[1:]]


def begin(kind, program, reserved):
    running = kind(environment={"REGISTRYD_THREADS": "16"}, start=False)
    running.program = program
    running.start()
    for number in range(reserved):
        body = {"prefix": True, "team": f"team{number}", "reason": "bench"}
        answer = running.put(f"/v1/reserved-names/prefix{number}x", body, token=running.admin_token)
        assert answer.status == 200, answer.body
    return running


def pair(other, ours, publishers, asked):
    rates = {"other": [], "ours": []}
    for turn in range(asked.rounds):
        order = [("other", other), ("ours", ours)]
        for name, running in order if turn % 2 else order[::-1]:
            run = f"p{publishers}t{turn}"
            rates[name].append(tools.publishes_per_second(running.url, running.publisher_token, run, publishers, asked.seconds))
    ratios = sorted(new / old for new, old in zip(rates["ours"], rates["other"]))
    return {"publishers": publishers, **{name: round(tools.median(values)) for name, values in rates.items()},
            "ratios": [round(ratio, 2) for ratio in ratios], "median ratio": round(tools.median(ratios), 3)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("other", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--seconds", type=int, default=2)
    asked = parser.parse_args()
    for reserved in (0, 10):
        with begin(OlderDaemon, asked.other.resolve() / "bin/registryd", reserved) as other, \
                begin(tools.PlainDaemon, OURS, reserved) as ours:
            for publishers in (1, 4):
                print(json.dumps({"reserved prefixes": reserved, **pair(other, ours, publishers, asked)}), flush=True)


if __name__ == "__main__":
    main()
