#!/bin/sh
# Fetches the Python that tests/published writes checkpoints with (PyTorch and the makers' packages,
# about 3 GB; latentreel itself needs no Python) to
#   ${XDG_DATA_HOME:-~/.local/share}/latentreel/test-python
# Says nothing where it is there already.
set -eu

root=$(cd -- "$(dirname -- "$0")/.." && pwd)
requirements=$root/tests/published/requirements.txt
case "${XDG_DATA_HOME:-}" in
  /*) data=$XDG_DATA_HOME ;;
  *) data=${HOME:?HOME is not set}/.local/share ;;
esac
folder=$data/latentreel/test-python

if cmp -s "$requirements" "$folder/requirements.txt"; then
  exit 0
fi

fail() {
  echo "test-python: $1" >&2
  exit 1
}

echo "Fetching Python packages for the tests (about 3 GB) to $folder" >&2
part=$folder.part
rm -rf "$part"
mkdir -p "$data/latentreel"
made=
for python in python3 /usr/bin/python3; do
  if "$python" -m venv "$part" >/dev/null 2>&1; then
    made=yes
    break
  fi
done
[ -n "$made" ] || fail "python3 cannot make a virtual environment (Debian: python3-venv)"
pip() { "$part/bin/python" -m pip --disable-pip-version-check --quiet "$@" >&2; }
pip install --no-cache-dir --requirement "$requirements" || fail "pip could not fetch them; see above"
# Packages whose own requirements are old and not needed are named in comments.
sed -n 's/^# without-requirements: //p' "$requirements" | while read -r package; do
  pip install --no-cache-dir --no-deps "$package" || fail "pip could not fetch $package"
done
cp "$requirements" "$part/requirements.txt"
rm -rf "$folder"
mv "$part" "$folder"
