#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A flame graph as a small SVG: perf script | flame.py TITLE > picture.svg

Threads stand at the bottom, callees on top of their callers; the width is the share of all samples.
Frames below half a percent are left out, so that the picture stays small enough to be checked in.
"""
import html
import re
import sys

WIDTH, ROW, LEAST, DEPTH = 1200, 17, 0.005, 40


def short(symbol):
    """The name without arguments, templates and our own namespace."""
    symbol = symbol.replace("(anonymous namespace)::", "").replace("operator()", "operator_call")
    while True:
        shorter = re.sub(r"<[^<>]*>|\([^()]*\)|\[[^\[\]]*\]", "", symbol)
        if shorter == symbol:
            break
        symbol = shorter
    symbol = symbol.replace("caravan::", "").replace("operator_call", "()")
    symbol = re.sub(r" (const|\.\w+)$", "", symbol.strip())
    return symbol.split(" ")[-1][:60] or "?"


def is_noise(name):
    """What coroutines and the loop put between a caller and what it calls."""
    return name.startswith(("boost::asio::", "std::__", "_start", "__libc_start", "clone", "start_thread",
                            "std::thread", "__clone", "std::execution", "io::linux_world::Executor"))


def stacks(lines):
    """(thread, frames from the outermost in), one for each sample."""
    thread, frames = None, []
    for line in lines:
        if not line.strip():
            if thread:
                yield thread, [f for f in reversed(frames) if not is_noise(f)]
            thread, frames = None, []
        elif not line[0].isspace():
            thread = line.split()[0]
        else:
            match = re.match(r"\s+[0-9a-f]+ (.*) \(.*\)$", line)
            if match:
                frames.append(short(re.sub(r"\+0x[0-9a-f]+$", "", match[1])))


def tree_of(samples):
    root = [0, {}]
    for thread, frames in samples:
        node = root
        node[0] += 1
        for name in [thread] + frames[:DEPTH]:
            node = node[1].setdefault(name, [0, {}])
            node[0] += 1
    return root


def boxes(node, total, x=0.0, depth=0):
    """(x, depth, share, name) of every frame that is wide enough."""
    for name, child in sorted(node[1].items(), key=lambda entry: -entry[1][0]):
        share = child[0] / total
        if share >= LEAST:
            yield x, depth, share, name
            yield from boxes(child, total, x, depth + 1)
        x += share


def main():
    root = tree_of(stacks(sys.stdin))
    if root[0] == 0:
        sys.exit("flame.py: no samples: is this the output of perf script?")
    found = list(boxes(root, root[0]))
    height = (max(depth for _, depth, _, _ in found) + 3) * ROW
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
          f'font-family="monospace" font-size="11">')
    print(f'<text x="4" y="13">{html.escape(sys.argv[1])} ({root[0]} samples)</text>')
    for x, depth, share, name in found:
        left, wide, top = x * WIDTH, share * WIDTH, height - (depth + 1) * ROW
        color = 30 + hash_of(name) % 30
        print(f'<g><title>{html.escape(name)} {share * 100:.1f} %</title><rect x="{left:.1f}" y="{top}" '
              f'width="{wide:.1f}" height="{ROW - 1}" fill="hsl({color},85%,68%)"/>', end="")
        room = int(wide / 6.7)
        if room > 3:
            print(f'<text x="{left + 2:.1f}" y="{top + 12}">{html.escape(name[:room])}</text>', end="")
        print("</g>")
    print("</svg>")


def hash_of(name):
    """The same color for the same name, every time."""
    value = 0
    for character in name:
        value = (value * 31 + ord(character)) & 0xFFFF
    return value


main()
