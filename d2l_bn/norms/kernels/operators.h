// What the operators share: the names of MXNet's interface, and what they do with types and errors.
#pragma once

#include <cstdlib>
#include <exception>
#include <string>
#include <unordered_map>
#include <vector>

#include "mxnet/lib_api.h"

namespace d2l_bn {

using mxnet::ext::MX_FAIL;
using mxnet::ext::MX_SUCCESS;
using mxnet::ext::MXReturnValue;
using mxnet::ext::MXTensor;
using mxnet::ext::OpResource;

using Attributes = std::unordered_map<std::string, std::string>;
using Shape = std::vector<unsigned>;
using Tensors = std::vector<MXTensor>;

// All inputs and outputs have one type, float32 or float64; −1 stands for one that is not known yet.
//
// Whoever returns MX_FAIL gives no reason: MXNet keeps every message (MX_ERROR_MSG) for good, and from then on makes a
// copy of all of them at each call of an operator. The reasons are given before, in Python.
inline MXReturnValue one_float_type(const Attributes&, std::vector<int>* inputs, std::vector<int>* outputs) {
  int type = -1;
  for (int known : *inputs) type = type == -1 ? known : type;
  for (int known : *inputs)
    if (known != -1 && known != type) return MX_FAIL;
  if (type != mxnet::ext::kFloat32 && type != mxnet::ext::kFloat64) return MX_FAIL;
  inputs->assign(inputs->size(), type);
  outputs->assign(outputs->size(), type);
  return MX_SUCCESS;
}

// The function `name` that MXNet calls, from a template of (attributes, inputs, outputs) for each of the two types. No
// exception leaves this library: MXNet was built by another compiler.
#define D2L_BN_EACH_TYPE(name, run)                                                         \
  MXReturnValue name(const Attributes& a, Tensors* in, Tensors* out, const OpResource&) {   \
    try {                                                                                   \
      (*in)[0].dtype == mxnet::ext::kFloat32 ? run<float>(a, in, out) : run<double>(a, in, out); \
      return MX_SUCCESS;                                                                    \
    } catch (const std::exception&) {                                                 \
      return MX_FAIL;                                                            \
    }                                                                                       \
  }

}  // namespace d2l_bn
