"""Test Anything Protocol: one line per test, and what a failed one said."""
import sys
import traceback


class Skip(Exception):
    """What a test raises that cannot run here."""


def run(tests):
    """Run functions in order, named by what they are called; exit as TAP wants it."""
    failed = 0
    print("1..%d" % len(tests))
    for n, test in enumerate(tests, 1):
        name = test.__name__.replace("_", " ")
        try:
            test()
            print("ok %d - %s" % (n, name))
        except Skip as e:
            print("ok %d - %s # SKIP %s" % (n, name, e))
        except Exception:
            failed += 1
            print("not ok %d - %s" % (n, name))
            print("".join("# %s\n" % line for line in traceback.format_exc().splitlines()), end="")
        sys.stdout.flush()
    sys.exit(1 if failed else 0)
