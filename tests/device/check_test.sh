#!/usr/bin/env bash
# check_test.sh PYTHON KIT: tests/device/check on this machine's CPU, with small work: every part does
# what it should, and of a run that is out of time there is what was done. 77: passed over.
set -euo pipefail

python=$1 kit=$2
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
if ! "$python" -c 'import torch' 2>/dev/null; then
  echo "passed over: $python has no PyTorch (cmake/test-python.sh fetches it)"
  exit 77
fi
out=$(mktemp -d)
trap 'rm -rf -- "$out"' EXIT

fail() {
  echo "FAILED: $*"
  cat "$out"/*/log.txt 2>/dev/null | tail -n 60
  exit 1
}

if find "$kit" -name 'libav*' -o -name 'libsw*' | grep -q .; then fail "the kit holds libav"; fi
if readelf -d "$kit/device_check" | grep -qE 'NEEDED.*lib(av|sw)'; then
  fail "the program needs libav"
fi

"$python" "$here/check" --device cpu --quick --kit "$kit" -o "$out/whole" ||
  fail "a part did not do what it should"
"$python" - "$out/whole" <<'PYTHON' || fail "the results are not whole"
import json, sys
from pathlib import Path

folder = Path(sys.argv[1])
results = json.loads((folder / "results.json").read_text())
parts = {part["name"]: part["result"] for part in results["parts"]}
assert set(parts) == {"about", "comparisons", "twice", "steps", "with search_convolutions", "frames",
                      "kernels 128 float32", "stock 32 float32 eager",
                      "stock 32 published eager"}, sorted(parts)
assert parts["comparisons"]["passed"] >= 6 and not parts["comparisons"]["failed"]
assert parts["steps"][0]["ms"] > 0 and parts["frames"][0]["frames_s"] > 0
assert any("conv" in kernel["name"] for kernel in parts["kernels 128 float32"])
assert parts["stock 32 float32 eager"]["ms"] > 0
page = (folder / "RESULTS.md").read_text()
assert all(part["same"] for part in parts["twice"]["parts"])
for title in ("## Right?", "## The same bits twice?", "## Milliseconds a step", "## Frames",
              "## What runs in a step"):
    assert title in page, title
assert sorted(path.name for path in folder.iterdir()) == ["RESULTS.md", "log.txt", "results.json"]
PYTHON

if "$python" "$here/check" --device cpu --quick --kit "$kit" -o "$out/short" --minutes 0.06; then
  fail "a run without time said that all was well"
fi
grep -q '## Not done' "$out/short/RESULTS.md" || fail "what was not done is not named"
grep -q 'no time was left' "$out/short/RESULTS.md" || fail "the reason is not named"

"$python" - "$here/check" <<'PYTHON' || fail "what a part leaves is not read"
import importlib.machinery, importlib.util, sys

sys.dont_write_bytecode = True
loader = importlib.machinery.SourceFileLoader("check", sys.argv[1])
check = importlib.util.module_from_spec(importlib.util.spec_from_loader("check", loader))
loader.exec_module(check)

# A benchmark that was killed in its second row.
row = """    {
      "name": "FullStep/side:512/precision:1/device:1/iterations:20/real_time",
      "real_time": 9.5e+00,
      "device_peak_bytes": 2.0e+09
    }"""
rows = check.benchmark_rows('{\n  "benchmarks": [\n' + row + ',\n    {\n      "name": "Fu')
assert [(r["side"], r["precision"], r["ms"]) for r in rows] == [(512, "bfloat16", 9.5)], rows

# Comparisons that end in the middle of one.
sums = {"passed": 0, "skipped": 0, "failed": {}}
text = "[ RUN      ] A.B\n[       OK ] A.B (3 ms)\n[ RUN      ] A.C\nno\n"
check.add_tests(sums, "A", check.Run(-11, text, 1))
assert sums["passed"] == 1 and list(sums["failed"]) == ["A.C"], sums
assert sums["failed"]["A.C"] == ["exit code -11: no", "no"], sums

# A result before a warning, and a page of numbers that are none.
assert check.Run(0, '{"a": 1}\n[W1127 warning\n', 1).result() == {"a": 1}
parts = [{"part": "decode", "type": "float32", "same": False, "difference": None}]
page = check.page({"about": {}, "parts": [
    {"name": "twice", "seconds": 1, "result": {"parts": parts, "said": []}}]})
assert "not a number" in page
PYTHON
echo "passed"
