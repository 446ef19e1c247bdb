r"""What lesson 8 asks: what a layer stores, when it moves, and what it lets pass."""

from d2l_bn.exercises.predictions.prediction import Prediction

PREDICTIONS = {
    "stored_numbers": Prediction(
        "the number of stored numbers",
        904,
        "Four numbers for each of 226 channels.",
        {
            452: "Those are the trained ones; the two statistics have to be kept, too.",
            16: "16 arrays; each has a number for each channel.",
            226: "Those are the channels.",
        },
    ),
    "chapter_same": Prediction(
        "that the chapter's network is the same",
        False,
        "Are the moving averages of its layer parameters?",
        {True: "Its averages are plain attributes, and save_parameters writes parameters."},
    ),
    "gluon_same": Prediction(
        "that Gluon's network is the same",
        True,
        "Are the running averages of its layer parameters?",
        {False: "Its averages are parameters with grad_req='null': they are in the file."},
    ),
    "package_same": Prediction(
        "that the package's network is the same",
        True,
        "Are the moving averages of its layer parameters?",
        {False: "Its averages are parameters with grad_req='null': they are in the file."},
    ),
    "factor_of_a_new_layer": Prediction(
        "the factor",
        1e-5**-0.5,
        "One over the root of 0 + ε.",
        {
            1.0: "That is with a variance of 1: the root of 1 + 0.00001 is nearly 1.",
            1e5: "Divided by the *root* of the variance plus ε.",
        },
    ),
    "weight_in_the_last_batch": Prediction(
        "the weight of an image of the last batch",
        256 / 96,
        "One image in 96 against one in 256.",
        {96 / 256: "The other way round: where fewer images share a step, each weighs more."},
        why="That is 256/96.",
    ),
    "factor_of_the_rate": Prediction(
        "the factor of the rate",
        96 / 256,
        "The sum of 96 gradients is divided by 256.",
        {256 / 96: "The sum of 96 gradients is divided by 256: the step is too short."},
    ),
    "first_move": Prediction(
        "the first event that moves Gluon's average",
        4,
        "It is later than one would think.",
        {
            1: "In prediction mode the averages are used, not moved.",
            2: "So it is for the package's layer: each forward pass in training mode counts.",
            3: "Recording is not enough.",
            5: "Once is enough.",
        },
    ),
    "bad_in_prediction": Prediction(
        "the number of bad rows in prediction",
        0,
        "What does max pooling make of a NaN?",
        {
            1: "One would think so, of the bad image; but max pooling drops the NaN.",
            64: "In prediction no image sees another.",
        },
    ),
    "bad_in_training": Prediction(
        "the number of bad rows in training",
        64,
        "Whose pixels does the mean of a channel contain?",
        {1: "The mean of the batch contains the pixel, and every image loses that mean."},
    ),
    "times_the_error": Prediction(
        "the ratio of the errors",
        None,
        "The variance of such an average of independent batches is (1 - m)/(1 + m) of theirs.",
        {
            9.0: "The weights differ by 9; the errors by the root of the ratio of variances.",
            1.0: "With 0.1 the average is nearly the last batch.",
        },
        within=1.5,
    ),
    "with_batch_norm": Prediction(
        "the number of trainings that batch normalization spoiled",
        1,
        "In which of the six does the training loss look healthy?",
        {
            0: "One of them has averages that never move.",
            2: "The labels that were shuffled spoil training, too; no layer is to blame.",
            6: "Most went wrong for other reasons: rate, weights, labels.",
        },
    ),
    "for_vectors": Prediction(
        "the ratio for vectors",
        8 / 7,
        "m/(m - 1), with m values in a channel.",
        {7 / 8: "The unbiased one is the larger one.", 1.0: "m is only 8 here."},
        why="8/7.",
    ),
    "for_images": Prediction(
        "the ratio for images",
        4608 / 4607,
        "m is 8 times 24 times 24.",
        {8 / 7: "A channel of 8 images has m = 8 · 24 · 24 values."},
    ),
    "gamma_afterwards": Prediction(
        "gamma",
        1.0,
        "What might fix_gamma mean?",
        {3.0: "fix_gamma means: take 1. It also writes the 1 into your array."},
    ),
}
