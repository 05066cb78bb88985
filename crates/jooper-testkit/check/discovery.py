"""Checks JSON against the schemas of a Google discovery document, more strictly than clients do."""

import base64
import binascii


class Mismatch(Exception):
    """A response that the discovery document does not describe."""


class Schemas:
    def __init__(self, document):
        self.schemas = document["schemas"]

    def check(self, ref, value, where):
        """Raises Mismatch unless the value is what the named schema says."""
        self._value({"$ref": ref}, value, where)

    def _value(self, schema, value, where):
        if "$ref" in schema:
            return self._value(self.schemas[schema["$ref"]], value, where)
        kind = schema["type"]
        if kind == "any":
            return None
        if kind == "object":
            return self._object(schema, value, where)
        if kind == "array":
            if not isinstance(value, list):
                raise Mismatch(f"{where}: not a list: {value!r}")
            # Gmail leaves a key out rather than sending an empty list.
            if not value:
                raise Mismatch(f"{where}: an empty list")
            for at, item in enumerate(value):
                self._value(schema["items"], item, f"{where}[{at}]")
            return None
        return self._scalar(schema, kind, value, where)

    @staticmethod
    def has(value, keys, where):
        """Raises Mismatch unless every key is there: paths as `payload.headers`, or `messages[].id` for each item."""
        for path in keys:
            items, _, rest = path.rpartition("[].")
            for inner in value.get(items, []) if items else [value]:
                for key in rest.split("."):
                    if not isinstance(inner, dict) or key not in inner:
                        raise Mismatch(f"{where}: no {path}")
                    inner = inner[key]

    def _object(self, schema, value, where):
        if not isinstance(value, dict):
            raise Mismatch(f"{where}: not an object: {value!r}")
        known = schema.get("properties", {})
        for key, inner in value.items():
            if key in known:
                self._value(known[key], inner, f"{where}.{key}")
            elif "additionalProperties" in schema:
                self._value(schema["additionalProperties"], inner, f"{where}.{key}")
            else:
                raise Mismatch(f"{where}: unknown field {key}")

    def _scalar(self, schema, kind, value, where):
        form = schema.get("format")
        if kind == "boolean":
            good = isinstance(value, bool)
        elif kind == "integer":
            low, high = {"int32": (-(2**31), 2**31 - 1), "uint32": (0, 2**32 - 1)}[form]
            good = isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
        elif kind == "number":
            good = isinstance(value, (int, float)) and not isinstance(value, bool)
        elif kind == "string":
            good = isinstance(value, str) and self._string(form, value)
            if good and "enum" in schema and value not in schema["enum"]:
                raise Mismatch(f"{where}: {value!r} is not one of {schema['enum']}")
        else:
            raise Mismatch(f"{where}: the document has a type unknown here: {kind}")
        if not good:
            raise Mismatch(f"{where}: not a {kind} of form {form}: {value!r}")

    @staticmethod
    def _string(form, value):
        if form == "uint64":
            return value.isdigit() and int(value) < 2**64
        if form == "int64":
            return value.lstrip("-").isdigit() and -(2**63) <= int(value) < 2**63
        if form == "byte":
            try:
                base64.b64decode(value.encode(), altchars=b"-_", validate=True)
            except (binascii.Error, ValueError):
                return False
            return True
        return form in (None, "google-datetime")


def methods(document):
    """Every method of the document by its id, resources within resources included."""
    found = {}

    def walk(node):
        for method in node.get("methods", {}).values():
            found[method["id"]] = method
        for inner in node.get("resources", {}).values():
            walk(inner)

    walk(document)
    return found
