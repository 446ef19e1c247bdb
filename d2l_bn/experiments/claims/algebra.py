r"""Claims that computing once decides: nothing is trained, and nothing is left to chance."""

from __future__ import annotations

from collections.abc import Callable

from d2l_bn.experiments.claims import exact
from d2l_bn.experiments.claims.sources import (
    CHAPTER,
    INTERVIEW,
    LAYERS,
    LECTURE,
    TECHNIQUES,
)
from d2l_bn.experiments.judgement import Claim, exact_claim

__all__ = ["CLAIMS"]


def _claims(source: str, *rows: tuple[str, str, str, str, Callable[[], bool], str]) -> list[Claim]:
    """Rows of name, topic, quote, meaning, statement, and a remark or nothing."""
    return [
        exact_claim(
            name, quote, statement, meaning=meaning, topic=topic, source=source, remark=remark
        )
        for name, topic, quote, meaning, statement, remark in rows
    ]


def _steep(standardized: bool) -> bool:
    """Whether one direction is a hundred times as steep as another."""
    return exact.condition_number(standardized) > 100


CLAIMS = [
    *_claims(
        CHAPTER,
        (
            "mean_of_one_image",
            "convolutional layers",
            "得到的是某通道单个图片的均值",
            "the result is the mean of a channel of a single image",
            exact.convolutional_mean_is_of_one_image,
            "the mean is over the batch, too",
        ),
        (
            "mean_over_batch_and_map",
            "convolutional layers",
            "mini-batch size 的大小就是:mwh",
            "the size of the mini-batch is m·w·h",
            exact.convolutional_mean_is_over_batch_and_map,
            "",
        ),
        (
            "prediction_uses_the_batch",
            "training and prediction",
            "对于预测时,一般把批量取大一点,从而得到较为准确的均值和方差",
            "for prediction one takes the batch larger, and so gets more exact statistics",
            exact.prediction_uses_the_batch,
            "training and prediction are swapped",
        ),
        (
            "axes_are_a_chain",
            "means over axes",
            "axis不止一个时,可以看到等效为多次求mean",
            "several axes are equivalent to several means, one after the other",
            exact.mean_over_axes_is_a_chain_of_means,
            "",
        ),
        (
            "momentum_for_ill_conditioning",
            "momentum",
            "动量方法主要是为了解决Hessian矩阵病态条件问题的",
            "momentum is there for ill-conditioned Hessians",
            exact.momentum_needs_fewer_steps_where_curvatures_differ,
            "on a bowl of condition 100",
        ),
        (
            "momentum_needs_decay",
            "momentum",
            "如果没有衰减值,模型往往会震荡难以收敛,甚至发散",
            "without decay the model tends to oscillate and not to converge",
            exact.momentum_without_decay_never_comes_to_rest,
            "",
        ),
        (
            "gluon_finds_the_channels",
            "Gluon's layer",
            "它不需要指定自己定义的BatchNorm类中所需的num_features和num_dims参数值",
            "Gluon's layer needs no num_features and num_dims",
            exact.gluons_layer_finds_the_channels_by_itself,
            "",
        ),
    ),
    *_claims(
        INTERVIEW,
        (
            "output_is_normal",
            "a normal distribution",
            "把每层神经网络任意神经元输入值的分布强行拉回到均值为0方差为1的标准正态分布",
            "each input's distribution is drawn back to a standard normal one",
            exact.output_is_normally_distributed,
            "two moments are fixed, the shape stays",
        ),
        (
            "output_depends_on_companions",
            "batch noise",
            "训练时,同一个样本跟不同的样本组成一个mini-batch,它们的输出是不同的",
            "in training, the same example in another batch has another output",
            exact.output_depends_on_the_other_examples,
            "",
        ),
        (
            "gamma_and_beta_are_trained",
            "parameters and statistics",
            "可训练的参数有缩放因子和平移因子,统计参数有均值和方差",
            "scale and shift are trained, mean and variance are statistics",
            exact.gamma_and_beta_are_what_is_trained,
            "",
        ),
        (
            "batch_in_training_average_in_test",
            "training and prediction",
            "训练时使用的是当前batch的样本统计量进行归一化,"
            "测试时使用的是在训练过程中更新迭代计算得到的均值和方差",
            "in training the batch's statistics are used, in the test the averages",
            exact.training_uses_the_batch_and_prediction_the_average,
            "",
        ),
        (
            "dropout_scales_weights",
            "dropout",
            "Dropout在训练(或测试)阶段会根据神经元保留率来对神经元权重进行缩放",
            "dropout scales the weights by the share of neurons kept, in training or in testing",
            exact.scaling_the_weights_is_scaling_the_activations,
            "at test time, as Srivastava et al. write it, the outgoing weights; today's libraries "
            "scale the activations in training, which comes to the same",
        ),
        (
            "instance_norm_alone",
            "instance normalization",
            "BN使用整个batch的统计量作为参数进行归一化,而IN仅使用当前样本的统计量",
            "BN uses the statistics of the batch, IN those of the example alone",
            exact.instance_norm_uses_its_own_image_only,
            "",
        ),
        (
            "adain_takes_the_style",
            "adaptive instance normalization",
            "将缩放和平移参数分别固定为目标风格图像的标准差和均值",
            "AdaIN takes scale and shift from the style's deviation and mean",
            exact.adaptive_instance_norm_takes_the_style_s_statistics,
            "",
        ),
    ),
    *_claims(
        LAYERS,
        (
            "normalized_moments",
            "normalization and batch size",
            "标准化输入意味着网络中任何层的输入应具有大约为零的均值和单位方差",
            "normalized inputs have mean 0 and variance 1",
            exact.output_has_mean_0_and_variance_1,
            "",
        ),
        (
            "layer_norm_each_feature",
            "layer normalization",
            "层归一化将激活的每个特征归一化为零均值和单位方差",
            "layer normalization gives each feature mean 0 and variance 1",
            exact.layer_norm_gives_each_feature_mean_0_and_variance_1,
            "each example has them",
        ),
        (
            "layer_norm_without_batch",
            "layer normalization",
            "这通过消除对批次的依赖克服了 BN 的缺点",
            "it overcomes BN's drawbacks by not depending on the batch",
            exact.layer_norm_uses_its_own_example_only,
            "",
        ),
        (
            "standardized_weights",
            "weight standardization",
            "权重标准化正在将任何层的权重转换为具有零均值和单位方差",
            "weight standardization gives the weights mean 0 and variance 1",
            exact.standardized_weights_have_mean_0_and_variance_1,
            "of each output filter",
        ),
    ),
    *_claims(
        TECHNIQUES,
        (
            "gamma_and_beta_can_restore",
            "γ and β",
            "通过学习到的重构参数γ、β,是可以恢复出原始的某一层所学到的特征的",
            "by γ and β one can get back what a layer had learnt",
            exact.gamma_and_beta_can_restore_the_input,
            "with γ = √(σ² + ε), β = μ",
        ),
        (
            "six_parameters",
            "parameters of a map",
            "就会有6*100*100个参数γ、β … 把一整张特征图当做一个神经元进行处理",
            "6·100·100 parameters become 6, one for a map",
            exact.one_parameter_for_a_map,
            "",
        ),
        (
            "bias_is_redundant",
            "bias",
            "因为偏置参数b经过BN层后其实是没有用的,最后也会被均值归一化",
            "the bias before BN is useless, the mean takes it away",
            exact.bias_makes_no_difference,
            "in training mode",
        ),
    ),
    *_claims(
        LECTURE,
        (
            "ranges_make_it_steep",
            "ranges of features",
            "考虑两种输入X1=[1,2,3]和X2=[100,200,300] … 这就造成了error surface的陡峭",
            "features of such different ranges make the error surface steep",
            lambda: _steep(standardized=False),
            "the two vectors are two features, not two examples",
        ),
        (
            "one_range_makes_it_even",
            "ranges of features",
            "如果我们将输入的X都变成一样的range,那么error surface也会变得各维度相似的平坦",
            "of one range, they make it alike flat in every direction",
            lambda: not _steep(standardized=True),
            "where the features are not correlated",
        ),
        (
            "one_change_moves_all",
            "dependence on the batch",
            "如果z1改变,那么下图右侧所有的变量都要改",
            "if one z changes, all on the right change",
            exact.one_change_changes_every_output_of_its_feature,
            "all of its feature",
        ),
        (
            "starts_at_one_and_zero",
            "γ and β",
            "实际上初始时,γ是one-vector,就全是1,而β是zero-vector,全是0",
            "at the start γ is all ones and β all zeros",
            exact.gamma_starts_at_1_and_beta_at_0,
            "",
        ),
        (
            "gamma_and_beta_wait",
            "γ and β",
            "等找到比较好的error surface后,才把β和γ慢慢加进去",
            "β and γ are added only when a good error surface has been found",
            exact.gamma_and_beta_wait_before_they_move,
            "they are trained from the first step",
        ),
        (
            "one_example_at_test_time",
            "moving average",
            "不可能等到攒够64笔资料才做normalization,所以在testing的时候用的是moving average",
            "the moving average answers for one example, without waiting for 64",
            exact.one_example_can_be_normalized_at_test_time,
            "",
        ),
    ),
]
