"""``import d2l_bn``: MXNet comes with the first name that needs it, and names of old still work."""

from __future__ import annotations

import ast
import importlib
import pickle
import pydoc
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import d2l_bn

PACKAGE = Path(d2l_bn.__file__).parent
OF_0_1 = """
CLASS_NAMES NORMALIZERS ActivationStats BatchNorm BatchRenorm Checkpoint CheckpointError DataError
DivergenceError EarlyStopping Epoch FrozenBatchNorm GroupNorm History InstanceNorm LayerNorm
MeanOnlyBatchNorm StandardizedConv2D StandardizedDense VarianceOnlyBatchNorm WeightNorm
adaptive_instance_norm batch_norm batch_norm_backward batch_renorm class_accuracies evaluate fold
from_pytorch group_norm instance_norm layer_norm lenet load_fashion_mnist load_weights
mean_only_batch_norm moments predict recalibrate running_average save_weights standardize_weight
to_pytorch train try_gpu variance_only_batch_norm weight_norm
""".split()


def fresh(program: str) -> None:
    """Run a program that asserts, in a Python of its own."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_mxnet_is_loaded_with_the_first_name_that_needs_it_and_set_to_numpy():
    fresh("""
import sys, d2l_bn
assert d2l_bn.__version__ and "batch_norm" in dir(d2l_bn) and not hasattr(d2l_bn, "nothing")
assert "mxnet" not in sys.modules
from d2l_bn import batch_norm
from mxnet import npx
assert npx.is_np_array() and npx.is_np_shape()
assert d2l_bn.batch_norm is batch_norm is d2l_bn.norms.batch.batch_norm
""")


def test_with_mxnet_there_already_numpy_mode_is_set_at_once():
    fresh("""
from mxnet import npx
assert not npx.is_np_array()
import d2l_bn
assert npx.is_np_array()
""")


def test_each_room_that_uses_mxnet_loads_it_our_way_first():
    """So that any module may be the first to be imported."""
    rooms = 0
    for init in PACKAGE.glob("*/__init__.py"):
        if init.parent.name in ("_support", "commands"):  # these import it in their functions
            continue
        sources = [path.read_text(encoding="utf-8") for path in init.parent.rglob("*.py")]
        if not any("from mxnet" in source or "import mxnet" in source for source in sources):
            continue
        rooms += 1
        imports = [
            ast.unparse(node)
            for node in ast.walk(ast.parse(init.read_text(encoding="utf-8")))
            if isinstance(node, (ast.Import, ast.ImportFrom))
        ]
        # A room that is itself lazy has it in its __getattr__.
        lazy = "import importlib" in imports
        assert "import d2l_bn._support.backend" in (imports if lazy else imports[:1]), init
    assert rooms >= 7


def imports_of(path: Path) -> set[str]:
    """The modules of the package that ``path`` imports while it is imported."""
    found = set()
    blocks = list(ast.parse(path.read_text(encoding="utf-8")).body)
    while blocks:
        node = blocks.pop()
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = path.relative_to(PACKAGE.parent).parts[: -node.level] if node.level else ()
            start = ".".join([*above, *filter(None, [node.module])])
            found |= {f"{start}.{alias.name}" for alias in node.names} | {start}
        elif isinstance(node, (ast.If, ast.Try)) and "TYPE_CHECKING" not in ast.dump(node):
            blocks += [*node.body, *node.orelse, *getattr(node, "finalbody", [])]
    return found


def test_no_circle_of_imports():
    """So that any module may be the first to be imported."""
    modules = {
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts): path
        for path in PACKAGE.rglob("*.py")
    }
    modules = {name.removesuffix(".__init__"): path for name, path in modules.items()}
    assert len(modules) > 80
    graph = {name: (imports_of(path) & set(modules)) - {name} for name, path in modules.items()}
    for name, needs in graph.items():
        needs -= {need for need in needs if name.startswith(f"{need}.")}  # always there before
    TopologicalSorter(graph).prepare()  # a CycleError names the circle


def test_where_mxnet_cannot_be_loaded_the_message_comes_before_it():
    fresh("""
import sys, d2l_bn, d2l_bn.platform_check as check
check.find_problem = lambda facts: "d2l_bn cannot run here."
for use in (lambda: d2l_bn.lenet, lambda: d2l_bn.GroupNorm, lambda: d2l_bn.training):
    try:
        use()
    except ImportError as error:
        assert str(error) == "d2l_bn cannot run here."
    else:
        raise AssertionError("not refused")
assert "mxnet" not in sys.modules
""")


@pytest.mark.parametrize("name", OF_0_1)
def test_every_name_of_version_0_1_works(name, recwarn):
    value = getattr(d2l_bn, name)
    if name in d2l_bn.__all__:
        assert not recwarn.list
        home = importlib.import_module(f"d2l_bn.{d2l_bn._HOMES[name]}")
        assert value is getattr(home, name)
        return
    warning = recwarn.pop(DeprecationWarning)
    assert Path(warning.filename) == Path(__file__)
    old, _, new = str(warning.message).partition(" has moved: ")
    assert old == f"d2l_bn.{name}"
    namespace = {}
    exec(new, namespace)  # the import that it tells
    assert namespace[name] is value


def test_the_names_at_the_top_are_few_and_known_to_type_checkers():
    assert len(d2l_bn.__all__) <= 16 and set(d2l_bn.__all__) == set(d2l_bn._HOMES)
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    for_checkers = {
        alias.name: node.module
        for block in tree.body
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for node in block.body
        for alias in node.names
    }
    assert for_checkers == {name: f"d2l_bn.{home}" for name, home in d2l_bn._HOMES.items()}


def test_star_import_dir_help_and_pickle(recwarn):
    namespace = {}
    exec("from d2l_bn import *", namespace)
    assert set(d2l_bn.__all__) <= set(namespace)
    assert {*d2l_bn.__all__, "norms", "training", "__version__"} <= set(dir(d2l_bn))
    assert "batch_norm(" in pydoc.render_doc(d2l_bn)
    assert pickle.loads(pickle.dumps(d2l_bn.batch_norm)) is d2l_bn.batch_norm
    assert not [w for w in recwarn.list if "has moved" in str(w.message)]
    with pytest.raises(AttributeError, match="module 'd2l_bn' has no attribute 'batchnorm'"):
        _ = d2l_bn.batchnorm
