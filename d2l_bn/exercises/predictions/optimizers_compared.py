"""Predictions of the lesson Optimizers compared."""

from d2l_bn.exercises.predictions.prediction import Prediction

RULES = (
    "gradient descent",
    "momentum",
    "Nesterov",
    "AdaGrad",
    "RMSProp",
    "AdaDelta",
    "Adam",
)
WHY_NOT = {
    "gradient descent": "It has one step length for features that come always and for rare ones.",
    "momentum": "It adds up what agrees, and still has one rate for rare and frequent features.",
    "Nesterov": "It looks ahead, and still has one rate for rare and frequent features.",
    "AdaGrad": "Its rate is largest for rare features; but with few steps its luck may differ.",
    "RMSProp": "It forgets: a feature that was away for long has an average near 0 again.",
    "AdaDelta": "It forgets as RMSProp does, and has to find its step length first.",
    "Adam": "It forgets: a feature that was away for long has an average near 0 again.",
}

PREDICTIONS = {
    "adagrad_hundredth": Prediction(
        "the hundredth step of AdaGrad over the first",
        0.1,
        hint="After a hundred steps s is a hundred times as large. What does the step divide by?",
        reasons={
            0.01: "s has grown by 100; the step is divided by its root.",
            1.0: "That would be gradient descent; s grows with each step.",
        },
        why="s grows like t, and the step falls like one over its root.",
    ),
    "adam_uncorrected": Prediction(
        "the first step without the correction, in units of α",
        0.1 / 0.001**0.5,
        hint="After one step m = 0.1 g and s = 0.001 g². Put them into the quotient.",
        reasons={
            100.0: "That is 0.1/0.001; s stands under a root.",
            0.1: "So it would be if s were corrected and m not.",
            1.0: "That is the step with the correction.",
        },
        why="0.1 g over the root of 0.001 g²: the average that starts at 0 makes it too long.",
    ),
    "who_notices": Prediction(
        "the rules that notice the turn",
        "the adaptive ones",
        hint="Which formulas treat the coordinates one by one, by more than adding?",
        reasons={
            "the others": "They add gradients up; a turned sum is the sum of what is turned.",
            "all": "Gradient, velocity and path all turn with the bowl in rules that only add.",
        },
        why="Squares and roots are taken of coordinates; a turned gradient has other coordinates.",
    ),
    "first_in_turned_valley": Prediction(
        "the first one in the turned valley",
        "momentum",
        hint="Which of the two knows where the axes are?",
        reasons={
            "AdaGrad": "In the turned valley both coordinates are steep: it scales both alike."
        },
    ),
    "momentum_in_turned_valley": Prediction(
        "momentum's steps in the turned valley",
        86,
        hint="Does momentum know where the axes are?",
        reasons={
            5: "That was AdaGrad, along the axes.",
            172: "Nothing doubles: it turns.",
        },
        why="It takes the same path, turned.",
    ),
    "off_the_plateau": Prediction(
        "the number that leave the plateau",
        None,
        hint="Which rules take long steps where gradients are tiny?",
        reasons={
            0: "A few do: those whose steps do not shrink with the gradient.",
            7: "Those whose steps are in proportion to the gradient hardly move there.",
        },
        why="On a plateau it counts whether a step shrinks with the gradient.",
    ),
    "winner_on_sparse": Prediction(
        "the best rule on sparse features",
        None,
        hint="Which rule never forgets how often a feature came?",
        reasons=WHY_NOT,
    ),
}
