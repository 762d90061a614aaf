"""Validates scenes against a JSON Schema: validate.py SCHEMA SCENE...

Prints a line for each scene: its name and "ok", or what is wrong with it. Exits with 77 where the
validator (Debian: python3-jsonschema) or tomllib is not there.
"""

import pathlib
import sys

try:
    import json
    import tomllib

    import jsonschema
except ImportError as error:
    print(error)
    sys.exit(77)

schema = json.loads(pathlib.Path(sys.argv[1]).read_text())
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)
for name in sys.argv[2:]:
    try:
        scene = tomllib.loads(pathlib.Path(name).read_text())
    except tomllib.TOMLDecodeError as error:
        print(pathlib.Path(name).name, "not TOML:", error)
        continue
    errors = sorted(validator.iter_errors(scene), key=str)
    said = "; ".join("/".join(map(str, e.absolute_path)) + ": " + e.message[:100] for e in errors)
    print(pathlib.Path(name).name, said.replace("\n", " ") or "ok")
