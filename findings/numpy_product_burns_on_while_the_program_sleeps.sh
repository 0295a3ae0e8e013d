#!/usr/bin/env bash
# NumPy 2.4.6 (its wheel's OpenBLAS, x86-64 Linux, two processors or more): when a product of two
# 128 x 128 matrices, some 20 microseconds of work, has returned, and the program sleeps, the process
# goes on computing nothing: more than 10 ms of processor time.  The threads that helped wait for the
# next product without sleeping, and take that time from whatever else wants to run: a kernel of
# another library that follows a product can take twice as long.  With one thread, or for products
# of up to 64 x 64, which are not shared out, nothing of it.
#
# Guessed before it was run: nothing, or less than the product itself took.
# Seen:  two threads, 128 x 128:  15 to 25 ms of processor time in a sleep of 0.3 s
#        two threads,  64 x  64:  0.04 ms
#        one thread,  128 x 128:  0.04 ms
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q "numpy==2.4.6"
cat >"$folder/program.py" <<'PYTHON'
import sys
import time

import numpy as np

x = np.ones((int(sys.argv[1]),) * 2, np.float32)
burnt = []
for _ in range(5):
    x @ x
    before = time.process_time()
    time.sleep(0.3)
    burnt.append(1000 * (time.process_time() - before))
print(f"{np.__version__}, {len(x)} x {len(x)}: {np.median(burnt):.2f} ms while asleep")
sys.exit(0 if (np.median(burnt) > 2) == (sys.argv[2] == "burns") else 1)
PYTHON
OPENBLAS_NUM_THREADS=2 "$folder/venv/bin/python" "$folder/program.py" 128 burns
OPENBLAS_NUM_THREADS=2 "$folder/venv/bin/python" "$folder/program.py" 64 rests
OPENBLAS_NUM_THREADS=1 "$folder/venv/bin/python" "$folder/program.py" 128 rests
echo "as described"
