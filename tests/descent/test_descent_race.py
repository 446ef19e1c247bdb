"""The race: the same rates and the same goal for all, and the best rate of each."""

import numpy as np

from d2l_bn.descent import CONTESTANTS, RATES, GradientDescent, Path, descend, race
from d2l_bn.descent.surfaces import LeastSquares, Quadratic, SaddlePoint

BOWL = Quadratic((1.0, 10.0))


def test_steps_and_best_rate_by_hand():
    # along x each step takes the factor 1 - rate: 0.5 wins over 0.1; 1.9 swings and 3 diverges
    round_bowl = Quadratic((1.0, 1.0), start=(1.0, 0.0))
    runs = race(
        round_bowl,
        {"plain": GradientDescent},
        rates=(0.1, 0.5, 1.9, 3.0),
        steps=200,
        share=0.01,
    )
    run = runs["plain"]
    # f falls to a hundredth when x falls to a tenth: 0.9^22 < 0.1, 0.5^4 < 0.1, 0.9^22 < 0.1
    assert run.needed == {0.1: 22, 0.5: 4, 1.9: 22, 3.0: None}
    assert run.rate == 0.5 and run.steps == 4 and run.path.steps == 200
    assert (run.path.points == descend(round_bowl, GradientDescent(0.5), (1, 0), 200).points).all()


def test_where_none_arrives_the_lowest_that_stayed_is_shown():
    run = race(BOWL, {"plain": GradientDescent}, rates=(1e-4, 1e-3, 5.0), steps=20)["plain"]
    assert run.steps is None and run.rate == 1e-3 and run.path.stopped is None


def test_all_contestants_arrive_somewhere_and_none_makes_nan():
    runs = race(SaddlePoint(), rates=RATES[3:13:2], steps=60)
    assert list(runs) == list(CONTESTANTS)
    for run in runs.values():
        assert np.isfinite(run.path.points).all() and list(run.needed) == list(RATES[3:13:2])


def test_the_goal_counts_from_the_minimum_not_from_zero():
    noisy = LeastSquares([[1, 0], [0, 1], [1, 0]], [2, 1, 0], start=(3.0, 3.0))  # lowest value 1/3
    assert race(noisy, {"plain": GradientDescent}, rates=(0.5,))["plain"].steps is not None


def test_rates_are_spread_evenly_and_adadelta_starts_like_rmsprop():
    assert len(RATES) == 16 and RATES[0] == 1e-4 and RATES[-1] == 10
    ratios = np.divide(RATES[1:], RATES[:-1])
    assert ratios.min() > 2 and ratios.max() < 2.4
    first = [
        np.abs(np.diff(descend(BOWL, CONTESTANTS[name](0.01), (-4, 1), 1).points, axis=0))
        for name in ("RMSProp", "AdaDelta")
    ]
    assert np.allclose(*first, rtol=1e-3)


def test_the_beginning_of_a_path():
    path = Path(np.arange(8.0).reshape(4, 2), np.arange(4.0), "left the plane at step 4: ...")
    assert path.first(9) is path and path.first(3) is path
    begun = path.first(2)
    assert begun.steps == 2 and begun.stopped is None and begun.values.tolist() == [0, 1, 2]
