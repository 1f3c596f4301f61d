"""jupyter_kernel_test with samples in TypeScript. Prints what came of each test as one line of JSON."""

import json
import sys
import unittest

import jupyter_kernel_test


class KernelTests(jupyter_kernel_test.KernelTests):
    kernel_name = "steplab"
    language_name = "typescript"
    file_extension = ".ts"
    code_hello_world = "console.log('hello, world')"
    code_stderr = "console.error('oops')"
    completion_samples = [
        {"text": "JSON.str", "matches": {"stringify"}},
        {"text": "[1].fla", "matches": {"flat", "flatMap"}},
    ]
    complete_code_samples = [
        "1 + 1",
        "const a: number = 1;",
        "function f(x: number): number {\n  return x;\n}",
        "await fetch('x')",
    ]
    incomplete_code_samples = ["function f() {", "const x = [", "`open ${", "if (true) {\n  1"]
    invalid_code_samples = ["const = 4;", "let 1a = 2", "}"]
    code_generate_error = "throw new Error('boom')"
    code_execute_result = [
        {"code": "1 + 1", "result": "2"},
        {"code": "'a'", "result": "'a'"},
        {"code": "[1, 2].map((n) => n * 2)", "result": "[ 2, 4 ]"},
        {
            "code": "({ [Symbol.for('Jupyter.display')]: () => ({ 'text/html': '<b>x</b>' }) })",
            "result": "<b>x</b>",
            "mime": "text/html",
        },
    ]
    code_display_data = [
        {"code": "import { display } from 'steplab'; display('x')", "mime": "text/plain"},
        {"code": "display.html`<b>x</b>`", "mime": "text/html"},
        {"code": "display.markdown`*x*`", "mime": "text/markdown"},
    ]
    code_history_pattern = "1?+*"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "JSON.stringify"
    code_clear_output = "console.clear()"

    # Payloads are "considered deprecated" by the protocol, and nothing in TypeScript pages.
    test_pager = None


class IopubWelcomeTests(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = "steplab"
    support_iopub_welcome = True


class Told(unittest.TestResult):
    """Subtests count: one that fails is its test's failure."""

    def startTest(self, test):
        super().startTest(test)
        self.why = None

    def addError(self, test, err):
        super().addError(test, err)
        self.why = self._exc_info_to_string(err, test)

    addFailure = addError

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.why = f"{subtest}\n{self._exc_info_to_string(err, test)}"

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        # Skipping inside of a subtest names the subtest, and ends no test.
        self.why = f"skipped: {reason}"

    def stopTest(self, test):
        super().stopTest(test)
        print(json.dumps({"name": test.id().removeprefix("__main__."), "why": self.why}), flush=True)


if __name__ == "__main__":
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    told = Told()
    suite.run(told)
    # What failed before any test of its class, such as a kernel that does not start.
    for test, why in told.errors:
        if not isinstance(test, unittest.TestCase):
            print(json.dumps({"name": str(test), "why": why}), flush=True)
