"""Predictions of the lesson on the statistics at test time."""

from d2l_bn.exercises.predictions.prediction import Prediction

PREDICTIONS = {
    "number_of_cases": Prediction(
        "the number of cases",
        None,
        "The weights are the same in both tests: when could an average that is late be better?",
        {
            25: "So it would be if the choice did not matter.",
            0: "The weights were good all the time; it is the average that is late.",
        },
        "An average that is late can be lucky, and hardly ever luckier than one that fits.",
        within=3,
    ),
    "momentum_of_plain_mean": Prediction(
        "the momentum of batch number k",
        "1 - 1/k",
        "Each of the k batches is to have the weight 1/k, the newest one, too.",
        {
            "1/k": "Then the newest batch would weigh 1 − 1/k: nearly everything.",
            "1/2": "Then the newest weighs a half, the one before a quarter: no plain mean.",
        },
        "The newest gets 1/k, and what k − 1 batches had is scaled by (k − 1)/k.",
    ),
    "direction": Prediction(
        "what the accuracy does",
        None,
        "Look at the figure with a line for each seed.",
        {
            "down": "The weights are good; the averages were late.",
            "same": "At a rate of 1 the averages are seldom where they should be.",
        },
        "The weights were good all the time.",
    ),
    "gap_at_small_rate": Prediction(
        "the nearest of the three",
        0,
        "How far do the weights move in ten batches, at a tenth of the rate?",
        {
            0.03: "That is nearer to what a rate of 1 gives.",
            0.1: "That is a bad moment at a rate of 1.",
        },
        "Weights that hardly move leave averages that fit.",
    ),
    "batches_needed": Prediction(
        "the nearest of the four",
        None,
        "256 images of 24 × 24 places are many values already.",
        {
            1: "One comes close, but not always within 0.002.",
            100: "It takes far fewer.",
        },
        "What counts is that they are seen with the weights of now.",
    ),
    "values_of_norm1": Prediction(
        "the number m of norm1",
        256 * 24 * 24,
        "Count all values of one channel.",
        {
            256: "That is N; a channel of one image has 24 · 24 values, and all of them count.",
            24 * 24: "That is one image; there are 256.",
            6 * 256 * 24 * 24: "One channel has a mean of its own; there are six.",
        },
        "256 · 24 · 24.",
    ),
    "batch_of_one": Prediction(
        "the accuracy with batches of one",
        None,
        "What is x − μ after a dense layer, with one image?",
        {
            0.5: "After a dense layer every feature becomes 0, whatever the image.",
            0.8: "After a dense layer every feature becomes 0, whatever the image.",
        },
        "Every image gets the same scores: guessing.",
        within=0.05,
    ),
    "one_class": Prediction(
        "the mean accuracy of the ten",
        None,
        "What all images of a batch have in common is subtracted.",
        {
            0.86: "That needs the other classes in the batch.",
            0.1: "Something is left: how far the batch's own mean is from that of its class.",
        },
        "What makes trousers trousers goes into the mean, and is subtracted.",
        within=0.1,
    ),
    "least_sure": Prediction(
        "the company that makes it least sure",
        "sandals",
        "What the batch has in common is subtracted.",
        {
            "boots": "Among boots a sandal stands out.",
            "trousers": "Among trousers a sandal stands out.",
        },
        "Among sandals, what makes it a sandal is the mean, and is subtracted.",
    ),
    "on_brighter": Prediction(
        "the answer for brighter images",
        "batch",
        "What do (1 + x)/2 and x have in common, once each is standardized?",
        {"population": "Its mean and variance are those of the images as they were."},
        "A scale and a shift of all pixels are taken away by the batch's own statistics.",
    ),
    "negatives": Prediction(
        "the answer for negatives",
        None,
        "What does standardizing leave of −x?",
        {True: "The scale goes, its sign stays: every channel carries the opposite."},
        "The sign stays: evidence for a class has become evidence against it.",
    ),
    "layers_left": Prediction(
        "the number of layers",
        11,
        "Each of the four goes into the linear layer before it.",
        {
            15: "Each of the four goes into the layer before it.",
            7: "A convolution with its normalization becomes one layer, not none.",
        },
        "15 − 4.",
    ),
    "one_image_faster": Prediction(
        "the answer for one image",
        None,
        "How much arithmetic is there in four normalizations of one image?",
        {
            True: "One image is little arithmetic; most of its time goes into starting operations.",
            False: "Here it was faster; it depends on the machine and on what is compiled.",
        },
        "One image is little arithmetic; measure it where it will run.",
    ),
}
