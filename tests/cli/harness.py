# SPDX-License-Identifier: BSD-3-Clause
"""What the scripts of this folder share: running botsieve, and N-BaIoT files."""
import os
import shutil
import subprocess
import sys
import tempfile

BOTSIEVE = os.environ.get("BOTSIEVE", "build/jobs/botsieve")
RANKS = (1, 2, 3, 4, 7)
TABLE = "--table" in sys.argv

WINDOWS = ("L5", "L3", "L1", "L0.1", "L0.01")
SINGLE = ("weight", "mean", "variance")
PAIR = ("weight", "mean", "std", "magnitude", "radius", "covariance", "pcc")
FEATURES = [f"{block}_{window}_{stat}"
            for block, stats in (("MI_dir", SINGLE), ("H", SINGLE),
                                 ("HH", PAIR), ("HH_jit", SINGLE),
                                 ("HpHp", PAIR))
            for window in WINDOWS for stat in stats]


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def command_line(*arguments, ranks=1):
    command = [BOTSIEVE, *map(str, arguments)]
    if ranks > 1:
        command = ["mpirun", "--oversubscribe", "--bind-to", "none", "-n",
                   str(ranks)] + command
    return command


def start(*arguments, ranks=1):
    """A process to be waited for, or stopped."""
    return subprocess.Popen(command_line(*arguments, ranks=ranks),
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True)


def stop(process, how, ranks=1):
    """Send a signal as Slurm does: to a rank."""
    if ranks == 1:
        process.send_signal(how)
        return
    path = f"/proc/{process.pid}/task/{process.pid}/children"
    with open(path, encoding="ascii") as file:
        for pid in file.read().split()[:1]:
            os.kill(int(pid), how)


def run(*arguments, ranks=1, **options):
    """Exit code, standard output, and botsieve's own lines of standard error."""
    done = subprocess.run(command_line(*arguments, ranks=ranks),
                          capture_output=True, text=True, errors="replace",
                          timeout=300, check=False, **options)
    lines = [line for line in done.stderr.splitlines()
             if line.startswith("botsieve")]
    return done.returncode, done.stdout, lines


def convert(*arguments, ranks=1, **options):
    code, out, lines = run("convert", *arguments, ranks=ranks, **options)
    assert code == 0, (arguments, code, lines)
    return out


def write(path, text):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    mode = "wb" if isinstance(text, bytes) else "w"
    with open(path, mode) as file:
        file.write(text)
    return path


def nbaiot_rows(count, start=0):
    """Rows that differ everywhere, in the manner of the real ones."""
    return [",".join(repr((i * 115 + j) / 7.0) for j in range(115))
            for i in range(start, start + count)]


def nbaiot(rows, end="\n", header=None):
    return end.join([",".join(header or FEATURES), *rows]) + end


class Folder:
    """A temporary folder, and the current one while it is open."""

    def __enter__(self):
        self.before = os.getcwd()
        self.path = tempfile.mkdtemp(prefix="botsieve-")
        os.chdir(self.path)
        return self.path

    def __exit__(self, *_):
        os.chdir(self.before)
        shutil.rmtree(self.path, ignore_errors=True)


def main(cases):
    """Run functions by name: all, or those named on the command line. With
    --table standard output is the script's own."""
    global BOTSIEVE
    BOTSIEVE = os.path.abspath(BOTSIEVE)
    names = [word for word in sys.argv[1:] if not word.startswith("-")]
    chosen = [c for c in cases if not names or c.__name__ in names]
    assert chosen, "no such case"
    for case in chosen:
        with Folder():
            case()
        print(f"ok {case.__name__}",
              file=sys.stderr if TABLE else sys.stdout)
