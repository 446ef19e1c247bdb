"""Predictions of lesson 20, the claim court."""

from d2l_bn.exercises.predictions.prediction import Prediction

PREDICTIONS = {
    "undecided": Prediction(
        "the number of the five experiments that leave the claim open",
        2,
        hint="Open is what has a part on each side of the edge of the band, at 0.01.",
        reasons={
            1: "Two intervals cross the edge of the band: the second, and the one that lies wholly "
            "above zero.",
            3: "An interval wholly inside the band is an answer: too small to matter.",
            4: "Only what crosses the edge of the band is open.",
            0: "An interval that crosses the edge of the band cannot tell.",
        },
        why="The second and the fifth: each reaches from too little to enough.",
    ),
    "lucky": Prediction(
        "the share of experiments without any effect whose mean is beyond what matters",
        hint="The mean of three has a deviation of s/√3 = 0.0115; 0.01 is 0.87 of it. On which "
        "side is how much of a normal distribution beyond that?",
        reasons={
            0.05: "5 % is the promise of an interval; this rule looks at the mean alone.",
            0.025: "2.5 % is the promise of an interval; this rule looks at the mean alone.",
            0.0: "Three seeds have luck: the mean of three has a deviation of s/√3.",
            0.5: "Half of them lie above zero; beyond 0.01 are fewer.",
        },
        within=0.05,
        why="Nearly one in five calls an effect what is none.",
    ),
    "brier": Prediction(
        "the Brier score of 90 % on claims of which half hold",
        0.41,
        hint="Half of the bets cost (0.9 - 1)², the other half (0.9 - 0)².",
        reasons={
            0.25: "That is the score of 50 %; 90 % costs more where it is wrong.",
            0.01: "That is the cost of one that holds; half of them do not.",
            0.81: "That is the cost of one that does not hold; half of them do.",
            0.82: "It is the mean of the costs, not their sum.",
        },
        why="(0.01 + 0.81) / 2: to be sure and right half of the time is worse than to say 50 %.",
    ),
    "by_luck": Prediction(
        "how many of 72 claims at δ itself intervals of 95 % call supported, on average",
        1.8,
        hint="The interval is two-sided, and one side of it supports the claim.",
        reasons={
            3.6: "5 % counts both sides; only one of them supports the claim.",
            72 * 0.95: "95 % of the intervals hold the truth.",
        },
        within=0.2,
        why="72 · 0.025.",
    ),
}
