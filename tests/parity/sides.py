# SPDX-License-Identifier: BSD-3-Clause
"""The two sides of the comparison, each a process that is given one line a case
and answers with one line: botsieve (parity_many) and Weka (WekaFigures)."""

import json
import os
import queue
import subprocess
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
WEKA_JAR = os.environ.get("WEKA_JAR", "/usr/share/java/weka.jar")


class Died(Exception):
    pass


class Process:
    """Lines in, lines out, without waiting in between."""

    def __init__(self, command, cwd=None, log=None):
        self.lines = queue.Queue()
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=log, text=True, cwd=cwd)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put(None)

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def answer(self, timeout=900):
        line = self.lines.get(timeout=timeout)
        if line is None:
            raise Died("ended with code %s" % self.process.wait())
        return line

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Java(Process):
    """One of the programs beside this file, compiled into the folder."""

    def __init__(self, program, folder, log, *options):
        subprocess.run(["javac", "-cp", WEKA_JAR, "-sourcepath", HERE, "-d", folder,
                        os.path.join(HERE, program + ".java")], check=True, stderr=log)
        super().__init__(["java", "-XX:+UseSerialGC", *options, "-cp",
                          folder + os.pathsep + WEKA_JAR, program], log=log)


class Weka(Java):
    def __init__(self, folder, log):
        # The stack bounds how deep an endless tree gets before it is given up.
        super().__init__("WekaFigures", folder, log, "-Xmx3g", "-Xss2m")

    def cv(self, arff, folds, seed, options):
        self.ask("\t".join(["case", arff, str(folds), str(seed), options]))

    def figures(self):
        return json.loads(self.answer())


class Botsieve(Process):
    """Commands are queued with run(); each has its code and text by done()."""

    def __init__(self, program, folder, log, ranks=1):
        several = ["mpirun", "--oversubscribe", "--bind-to", "none", "-n", str(ranks)]
        super().__init__((several if ranks > 1 else []) + [program], log=log)
        self.folder = folder
        self.count = 0

    def run(self, *words):
        """Queue a command; returns the file of its standard output."""
        self.count += 1
        out = os.path.join(self.folder, "out.%d" % self.count)
        self.ask("\t".join([*map(str, words), out]))
        return out

    def done(self):
        code, _, text = self.answer().strip("\n").partition(" ")
        return int(code), text


def flags(options):
    """Weka's options, as in WekaFigures, as botsieve's."""
    names = {"U": "--unpruned", "S": "--no-raising", "O": "--no-collapse",
             "J": "--no-mdl", "C": "--confidence", "M": "--min-leaf"}
    words = []
    for word in options.replace("-", "").split():
        name, _, value = word.partition("=")
        words += [names[name]] + ([value] if value else [])
    return words
