r"""nbgrader's configuration, read by every nbgrader command that is run in this folder.

Reviewed by people: ``source/`` (solutions inside) and ``hidden/`` (data of the hidden tests).
Made by commands, and not in git: ``course/`` with nbgrader's folders, gradebook and exchange.

Environment variables, all optional:
    D2L_BN_COURSE    the course folder, for example outside the clone
    D2L_BN_EXCHANGE  the exchange; on a Jupyter server one that all can write to
    D2L_BN_CELL_SECONDS, D2L_BN_CPU_SECONDS, D2L_BN_MEMORY_GB  limits of a submission
"""

import os
import sys
from pathlib import Path

from nbgrader.converters import Autograde, GenerateAssignment
from nbgrader.preprocessors import ClearSolutions

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from preprocessors import ClearToTheEnd, JudgedExecute, PointsOfTheJudge  # noqa: E402

COURSE = Path(os.environ.get("D2L_BN_COURSE") or HERE / "course").resolve()
CELL_SECONDS = int(os.environ.get("D2L_BN_CELL_SECONDS", 1800))
CPU_SECONDS = int(os.environ.get("D2L_BN_CPU_SECONDS", 900))
MEMORY_GB = float(os.environ.get("D2L_BN_MEMORY_GB", 4))

# What the code of a submission may not read: the solutions, what is expected, what others wrote.
CLOSED = [HERE / "hidden", HERE / "source"]
CLOSED += [COURSE / n for n in ("source", "submitted", "solution", "feedback", "gradebook.db")]
# One thread for each notebook: the networks are small, and several may be graded side by side.
os.environ.setdefault("OMP_NUM_THREADS", "1")

c = get_config()  # noqa: F821

c.CourseDirectory.course_id = "d2l_bn"
c.CourseDirectory.root = str(COURSE)
# Submissions are graded side by side: each waits until another one has written.
c.CourseDirectory.db_url = f"sqlite:///{COURSE / 'gradebook.db'}?timeout=300"
c.Exchange.root = os.environ.get("D2L_BN_EXCHANGE") or str(COURSE / "exchange")

# Time: a check has a budget of processor time, which decides. The fences behind it are far off, so
# that no load of the machine reaches them: for one cell by the clock, after which the kernel is
# interrupted; then the processor time of the whole notebook, after which the system ends it.
c.Execute.timeout = CELL_SECONDS
# Memory: Python's MemoryError fails the cell, the others go on; without a limit the machine swaps.
c.Execute.extra_arguments = [
    "--HistoryManager.hist_file=:memory:",
    "--IPKernelApp.exec_lines=import resource as _r"
    f"; _r.setrlimit(_r.RLIMIT_CPU, ({CPU_SECONDS}, {CPU_SECONDS}))"
    f"; _r.setrlimit(_r.RLIMIT_AS, ({int(MEMORY_GB * 2**30)},) * 2)"
    "; _r.setrlimit(_r.RLIMIT_FSIZE, (2**28, 2**28))"  # 256 MB for one file
    "; _r.setrlimit(_r.RLIMIT_CORE, (0, 0))"
    f"; from d2l_bn.exercises.closed_books import close as _c; _c({[str(p) for p in CLOSED]!r})"
    "; del _r, _c",
]

# A check cell that a student deleted comes back, and is graded.
c.OverwriteCells.add_missing_cells = True
c.LimitOutput.max_lines = 300
# The points of a check cell are those that a judge in another process gave for it.
_, *others = Autograde().autograde_preprocessors
c.Autograde.autograde_preprocessors = [JudgedExecute, PointsOfTheJudge, *others]
steps = GenerateAssignment().preprocessors
c.GenerateAssignment.preprocessors = [
    ClearToTheEnd if step is ClearSolutions else step for step in steps
]
