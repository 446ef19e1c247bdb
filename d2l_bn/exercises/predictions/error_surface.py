"""Predictions of the lesson The error surface."""

from d2l_bn.exercises.predictions.prediction import Prediction

PREDICTIONS = {
    "kappa_standardized": Prediction(
        "the condition number of the standardized features",
        1.0,
        hint="With means 0 and variances 1, and all nine combinations, what is H?",
        reasons={
            1e4: "That is the centred one: the square of the ratio of the ranges.",
            100.0: "That is the ratio of the ranges before; standardizing makes them equal.",
            0.0: "A condition number is at least 1: the largest over the smallest.",
        },
        why="H is the identity: both variances are 1, and the features are uncorrelated.",
    ),
    "second_step": Prediction(
        "the second component of w after step 2",
        -0.9,
        hint="The gradient across is 0 now. What is left of the velocity?",
        reasons={
            0.0: "So it would be without momentum. The velocity is still 1; 0.9 of it is left.",
            0.9: "The velocity is subtracted.",
            -1.0: "The velocity fades: 0.9 of it is left.",
        },
        why="The velocity was 1, 0.9 of it is left, and it is subtracted from 0.",
    ),
    "factor_when_complex": Prediction(
        "the factor of a complex pair",
        0.9,
        hint="Two numbers of one size have the product 0.81. What is their size?",
        reasons={
            0.81: "That is the product of the two; each has its root.",
            0.19: "That is 1 - γ; take the product of the eigenvalues instead.",
            0.405: "Their product is 0.81, not their sum.",
        },
        why="A complex pair has one size, and the product of the two is γ.",
    ),
    "times_fewer": Prediction(
        "how many times fewer steps momentum needs",
        100,
        hint="Plain descent pays κ, momentum its root.",
        reasons={
            10_000: "That is κ; what is the ratio of κ to its root?",
            10: "That is the fourth root of κ.",
            2: "It grows with κ.",
        },
        why="κ over its root is the root of κ, up to a factor of about two.",
        within=50,
    ),
    "kappa_correlated": Prediction(
        "the condition number for ρ = 0.9",
        19.0,
        hint="The eigenvectors of H are (1, 1) and (1, -1). What are their eigenvalues?",
        reasons={
            10.0: "1/(1 - ρ) would be 10; the eigenvalues are 1 + ρ and 1 - ρ.",
            1.9: "That is the largest eigenvalue alone.",
            1.0: "Standardizing leaves the correlation.",
        },
        why="The eigenvalues are 1 + ρ and 1 - ρ.",
    ),
    "smallest_kappa": Prediction(
        "the smallest condition number at ρ = 0.8",
        9.0,
        hint="Try deviations that differ. Does κ fall or rise?",
        reasons={
            1.0: "Only without correlation: scaling leaves ρ what it is.",
            0.0: "A condition number is at least 1.",
            5.0: "1/(1 - ρ) would be 5; with both eigenvalues it is (1 + ρ)/(1 - ρ).",
        },
        why="Equal deviations are the best, and leave (1 + ρ)/(1 - ρ).",
    ),
    "last_stable": Prediction(
        "the last stable correlation",
        0.6,
        hint="The largest eigenvalue is 1 + ρ. What is the limit of the rate?",
        reasons={
            0.8: "The limit is 2/(1 + ρ), not 1/ρ.",
            0.25: "The limit is 2 over the largest eigenvalue, not 1 + ρ itself.",
        },
        why="1.25 (1 + ρ) must stay below 2.",
    ),
    "scatter_factor": Prediction(
        "the factor from 1 to 16, roughly",
        4,
        hint="The variance of a mean of 16 is a sixteenth.",
        reasons={16: "The variance falls by 16; the deviation by its root."},
        why="The deviation of a mean falls with the root of the number.",
    ),
    "ten_heads": Prediction(
        "the probability of ten heads",
        0.5**10,
        hint="Ten independent halves.",
        reasons={
            0.05: "Halves of independent tosses multiply.",
            0.5: "That is one toss.",
            0.1: "Ten kinds of outcome would not be equally probable.",
        },
    ),
    "worst_input": Prediction(
        "the worst conditioned input of the last layer",
        "without",
        hint="Where do all images look alike?",
        reasons={
            "before the sigmoid": "The sigmoid's mean of one half stays, one large eigenvalue; "
            "but the images still differ.",
            "after the sigmoid": "There the mean has been taken away just before.",
        },
        why="Behind several sigmoids all images look alike: one eigenvalue has nearly everything.",
    ),
    "moved": Prediction(
        "the end that moved",
        None,
        hint="Look where each curve goes below the grey line, and where it comes back.",
        reasons={
            "upper": "Compare the largest rates at which each is below the line, and the smallest.",
            "lower": "Compare the smallest rates at which each is below the line, and the largest.",
            "both": "One of the two ends is at the same place, or on the other side.",
        },
    ),
}
