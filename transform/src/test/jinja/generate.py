#!/usr/bin/env python3
"""Renders the corpus with the real Jinja2, set up as dbt sets it up, and writes what came out.

    python3 -W ignore transform/src/test/jinja/generate.py [seed] [count]

(with another seed or count than the committed ones to look for differences not yet seen) needs Jinja2 3.1 and Python 3.11 (Debian: python3-jinja2). It reads

    cases/*.expr    one expression a line, rendered as {{ expression }}
    cases/*.cases   templates separated by lines of five dashes
    macros/*.sql    macros separated by lines of five dashes, each a template of its own as in dbt; the file names the package

and writes ../resources/jinja/<construct>.json: the template, and either what it renders to or that it fails. The macros are
copied there too. `context()` and JinjaCorpusTest.java hold the same values.
"""
import datetime
import itertools
import json
import pathlib
import random
import re
import sys
import zoneinfo

import jinja2
import jinja2.ext
import jinja2.nodes
import jinja2.runtime
import jinja2.sandbox

SEED = int(sys.argv[1]) if len(sys.argv) > 1 else 1
COUNT = int(sys.argv[2]) if len(sys.argv) > 2 else 200
HERE = pathlib.Path(__file__).resolve().parent
OUT = HERE.parent / "resources" / "jinja"
SEPARATOR = re.compile(r"^-----\n", re.M)
RENDER_CHARS = re.compile(r"({[{%#]|[#}%]})")


class MacroReturn(BaseException):
    """dbt's return(): ends the macro with a value."""

    def __init__(self, value):
        super().__init__()
        self.value = value


def returning(invoke):
    def invoke_macro(self, arguments, autoescape):
        try:
            return invoke(self, arguments, autoescape)
        except MacroReturn as e:
            if self.name == "caller":
                raise
            return e.value

    return invoke_macro


jinja2.runtime.Macro._invoke = returning(jinja2.runtime.Macro._invoke)


class DefinitionExtension(jinja2.ext.Extension):
    """dbt's test and docs blocks: macros under another tag."""

    tags = ["test", "data_test", "docs", "materialization", "snapshot"]

    def parse(self, parser):
        tag = parser.stream.current.value
        node = jinja2.nodes.Macro(lineno=next(parser.stream).lineno)
        name = parser.parse_assign_target(name_only=True).name
        node.args, node.defaults = [], []
        if tag in ("test", "data_test"):
            parser.parse_signature(node)
        elif tag == "materialization":
            while parser.stream.skip_if("comma"):
                if parser.parse_assign_target(name_only=True).name == "adapter":
                    parser.stream.expect("assign")
                    parser.parse_expression()
        node.name = f"definition_{name}"
        node.body = parser.parse_statements((f"name:end{tag}",), drop_needle=True)
        return node


def environment(optimized=True):
    env = jinja2.sandbox.SandboxedEnvironment(
        extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols", DefinitionExtension], optimized=optimized
    )
    for name in ("as_text", "as_bool", "as_native", "as_number"):
        env.filters[name] = lambda value: value
    env.filters.pop("urlize")
    return env


ENV = environment()
UNOPTIMIZED = environment(optimized=False)


class Relation:
    def __init__(self, identifier, schema="analytics"):
        self.schema = schema
        self.identifier = identifier
        self.name = identifier

    def __str__(self):
        return f'"{self.schema}"."{self.identifier}"'

    __repr__ = __str__

    def with_schema(self, schema):
        return Relation(self.identifier, schema)


class PackageMacro:
    def __init__(self, template, name, context):
        self.template, self.name, self.context = template, name, context

    def __call__(self, *args, **kwargs):
        return getattr(self.template.make_module(self.context), self.name)(*args, **kwargs)


class Package:
    pass


class Adapter:
    """adapter.dispatch as dbt has it, for PostgreSQL: the namespace's macros, else those of all packages."""

    def __init__(self, values):
        self.values = values

    def dispatch(self, macro_name, macro_namespace=None):
        for package in [macro_namespace] if macro_namespace else PACKAGES:
            for prefix in ("postgres__", "default__"):
                if prefix + macro_name in PACKAGES[package]:
                    return getattr(self.values[package], prefix + macro_name)
        raise LookupError("no macro to dispatch " + macro_name)


def packages():
    for file in sorted((HERE / "macros").glob("*.sql")):
        sources = SEPARATOR.split(file.read_text())
        yield file.stem, {re.search(r"macro\s+(\w+)", source).group(1): ENV.from_string(source) for source in sources}


PACKAGES = dict(packages())


def context():
    variables = {"start_date": "2024-01-01", "flag": True, "limit": 10, "statuses": ["placed", "shipped"]}

    def do_return(data=None):
        raise MacroReturn(data)

    def var(name, default=None):
        return variables.get(name, default)

    values = {
        "name": "orders",
        "n": 7,
        "zero": 0,
        "pi": 3.14159,
        "big": 12345678901234567890,
        "nothing": None,
        "yes": True,
        "no": False,
        "empty": [],
        "numbers": [3, 1, 2],
        "words": ["banana", "Apple", "cherry", "apple"],
        "point": (1, 2),
        "columns": [
            {"name": "id", "type": "integer", "tags": ["pk"], "size": 4},
            {"name": "Name", "type": "text", "tags": [], "size": None},
            {"name": "amount", "type": "numeric", "tags": ["money", "sum"], "size": 12},
        ],
        "config_map": {"materialized": "table", "tags": ["a", "b"], "meta": {"owner": "me", "level": 2}, "items": 5},
        "tree": [{"v": 1, "c": [{"v": 2, "c": []}, {"v": 3, "c": [{"v": 4, "c": []}]}]}, {"v": 5, "c": []}],
        "multiline": "first line\nsecond line\n\nfourth line",
        "execute": True,
        "return": do_return,
        "var": var,
        "ref": Relation,
        "source": lambda schema, table: Relation(table, schema),
        "config": lambda **kwargs: "",
        "set": lambda value, default=None: set(value),
        "zip": lambda *args: list(zip(*args)),
        "tojson": lambda value, default=None, sort_keys=False: json.dumps(value, sort_keys=sort_keys),
        "fromjson": lambda value, default=None: json.loads(value),
        "this": Relation("this_model"),
        "modules": {
            "datetime": {name: getattr(datetime, name) for name in ("date", "datetime", "time", "timedelta")},
            "re": {name: getattr(re, name) for name in re.__all__},
            # pytz is no part of Python; the zones of the standard library print alike for moments in UTC.
            "pytz": {"timezone": zoneinfo.ZoneInfo, "utc": datetime.timezone.utc},
            "itertools": {name: getattr(itertools, name) for name in dir(itertools) if name[0] != "_"},
        },
    }
    values["adapter"] = Adapter(values)
    for package_name, macros in PACKAGES.items():
        package = values[package_name] = Package()
        for name, template in macros.items():
            values[name] = PackageMacro(template, name, values)
            setattr(package, name, values[name])
    return values


def render(template, env):
    if not RENDER_CHARS.search(template):
        return template
    values = context()
    return env.from_string(template, globals=values).render(values)


def outcome(template, env=ENV):
    try:
        return {"template": template, "expected": render(template, env)}
    except (Exception, MacroReturn) as e:
        return {"template": template, "fails": type(e).__name__ + ": " + str(e)}


def handwritten():
    for file in sorted((HERE / "cases").iterdir()):
        text = file.read_text()
        if file.suffix == ".expr":
            templates = ["{{ " + line + " }}" for line in text.splitlines() if line.strip()]
        else:
            templates = SEPARATOR.split(text)
        yield file.stem, templates


# Random expressions and templates, to find what nobody thought of.

ATOMS = [
    "0", "1", "2", "-3", "7", "1.5", "-0.25", "2.0", "1e3", "true", "false", "none", "''", "'a'", "'abc'", "'Ab c'", "'10'", "[]", "[1, 2, 3]",
    "['b', 'a']", "(1, 'x')", "{}", "{'a': 1, 'b': [2]}", "n", "pi", "name", "words", "numbers", "missing", "columns[0]", "config_map", "range(4)",
]
BINARY = ["+", "-", "*", "/", "//", "%", "**", "~", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "and", "or"]
FILTERS = [
    "abs", "upper", "lower", "title", "capitalize", "trim", "length", "first", "last", "join", "join(', ')", "sort", "reverse", "list", "int", "float",
    "round", "round(1)", "string", "default('d')", "default('d', true)", "sum", "min", "max", "unique", "tojson", "replace('a', 'x')", "map('string')",
    "select", "reject", "select('string')", "reject('none')", "batch(2)", "wordcount", "truncate(2)", "escape", "indent", "items", "dictsort",
]
TESTS = [
    "defined", "undefined", "none", "true", "false", "boolean", "string", "number", "integer", "float", "mapping", "sequence", "iterable", "callable",
    "even", "odd", "divisibleby(2)", "eq(1)", "gt(1)", "in([1, 'a'])", "lower", "upper",
]


def expression(rng, depth):
    if depth == 0 or rng.random() < 0.15:
        return rng.choice(ATOMS)
    inner = lambda: expression(rng, depth - 1)
    kind = rng.randrange(12)
    if kind < 4:
        return f"{inner()} {rng.choice(BINARY)} {inner()}"
    if kind < 5:
        return f"({inner()})"
    if kind < 6:
        return f"not {inner()}"
    if kind < 8:
        return f"{inner()}|{rng.choice(FILTERS)}"
    if kind < 9:
        return f"{inner()} is {rng.choice(['', 'not '])}{rng.choice(TESTS)}"
    if kind < 10:
        return f"{inner()} if {inner()} else {inner()}"
    if kind < 11:
        return f"({inner()})[{rng.choice(['0', '-1', '1:', ':2', '::-1', repr('a')])}]"
    return f"[{inner()}, {inner()}]"


def block(rng, depth):
    m = lambda: rng.choice(["", "", "-", "+"])
    space = lambda: rng.choice(["", " ", "\n", "\n  ", "  \n\n", "x", " y "])
    if depth == 0:
        return space() + rng.choice(["{{ i }}", "{{- n -}}", "{{ name }}", "{# c #}", "{#- c -#}", "text"]) + space()
    body = "".join(block(rng, depth - 1) for _ in range(rng.randrange(1, 3)))
    kind = rng.randrange(8)
    if kind == 0:
        return f"{space()}{{%{m()} if {expression(rng, 1)} {m()}%}}{body}{{%{m()} else {m()}%}}{space()}{{%{m()} endif {m()}%}}"
    if kind == 1:
        return f"{space()}{{%{m()} for i in {rng.choice(['range(3)', 'words', 'numbers', 'empty', 'config_map'])} {m()}%}}{body}{{%{m()} endfor {m()}%}}{space()}"
    if kind == 2:
        return f"{{%{m()} set i = {expression(rng, 2)} {m()}%}}{space()}{body}"
    if kind == 3:
        return f"{{%{m()} set i {m()}%}}{body}{{%{m()} endset {m()}%}}{space()}{{{{ i }}}}"
    if kind == 4:
        return f"{{%{m()} with i = {expression(rng, 1)} {m()}%}}{body}{{%{m()} endwith {m()}%}}{space()}"
    if kind == 5:
        return f"{{%{m()} macro m(i=1) {m()}%}}{body}{{%{m()} endmacro {m()}%}}{space()}{{{{ m({rng.choice(['', '2', 'i=3'])}) }}}}"
    if kind == 6:
        return f"{{%{m()} filter {rng.choice(['upper', 'trim', 'indent(2)', 'replace(' + repr('x') + ', ' + repr('zz') + ')'])} {m()}%}}{body}{{%{m()} endfilter {m()}%}}"
    return body + f"{{%{m()} raw %}}{{{{ not rendered }}}}{{%{m()} endraw {m()}%}}" + space()


def printable(case):
    """Whether the text is the same on every run and says nothing about Python's insides: object addresses, and Markup, which we have no use for."""
    text = case.get("expected", "").lower()
    return not any(inside in text for inside in (" at 0x", " at 0", "generator object", "<bound method", "built-in", "markup("))


def generated(seed, count, make):
    rng = random.Random(seed)
    seen = set()
    while len(seen) < count:
        template = make(rng)
        if template not in seen and len(template) < 600:
            case = outcome(template)
            # (7)[1:] is undefined where Jinja2 folds the constant beforehand, and fails where it does not: an accident.
            unfolded = "{% set result = " + template[3:-3] + " %}{{ result }}" if template.startswith("{{ ") else template
            accident = case.get("expected") != outcome(unfolded, UNOPTIMIZED).get("expected")
            if printable(case) and not accident and (len(seen) % 3 == 0 or "fails" not in case):
                seen.add(template)
                yield case


def write(construct, cases):
    (OUT / f"{construct}.json").write_text(json.dumps({"construct": construct, "cases": cases}, indent=1, ensure_ascii=True) + "\n")
    failing = sum("fails" in case for case in cases)
    print(f"{construct:24} {len(cases):5} cases, {failing} of them errors")
    return len(cases)


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    total = 0
    for construct, templates in handwritten():
        cases = [outcome(template) for template in templates]
        for case in cases:
            if not printable(case):
                sys.exit(f"{construct}: {case} is different on every run")
        total += write(construct, cases)
    total += write("random-expressions", list(generated(SEED, COUNT * 2, lambda rng: "{{ " + expression(rng, 3) + " }}")))
    total += write("random-templates", list(generated(SEED + 1, COUNT, lambda rng: block(rng, 2) + block(rng, 3))))
    for file in (HERE / "macros").glob("*.sql"):
        (OUT / file.name).write_text(SEPARATOR.sub("", file.read_text()))
    print(f"{'total':24} {total:5} cases, Jinja2 {jinja2.__version__}, Python {sys.version.split()[0]}")


if __name__ == "__main__":
    main()
