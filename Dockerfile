# For machines that MXNet has no wheel for: Apple silicon, Windows, Linux with musl or on aarch64.
#
#   docker build -t d2l_bn .
#   docker run --rm -it -p 8888:8888 d2l_bn                    # Jupyter Lab: open the link it prints
#   docker run --rm -it d2l_bn make train ARGS="--epochs 1"
#
# Always linux/amd64, emulated where the machine is another: MXNet's aarch64 wheel needs Arm
# Performance Libraries, which no Debian has. The x86-64 wheel asks for no more than SSE3, so that
# emulators without AVX can run it.
FROM --platform=linux/amd64 python:3.11-slim-bookworm

# The two libraries that libmxnet.so needs and a slim image lacks; make is the course's command; g++
# builds the package's own operators; the font has the Chinese words of figures.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgomp1 libquadmath0 make g++ fonts-wqy-microhei \
    && rm -rf /var/lib/apt/lists/*

RUN useradd --create-home student
WORKDIR /home/student/d2l_bn
RUN chown student:student .
USER student

# First what the set-up reads, so that a change of a lesson does not install everything again.
COPY --chown=student:student pyproject.toml README.md LICENSE Makefile ./
COPY --chown=student:student constraints constraints
COPY --chown=student:student scripts/find_python.sh scripts/setup.sh scripts/
COPY --chown=student:student d2l_bn d2l_bn
RUN PIP_NO_CACHE_DIR=1 make setup
COPY --chown=student:student . .

ENV PATH=/home/student/d2l_bn/.venv/bin:$PATH
EXPOSE 8888
CMD ["jupyter", "lab", "--ip=0.0.0.0", "--no-browser", "notebooks"]
