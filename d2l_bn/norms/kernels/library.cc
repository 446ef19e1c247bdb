// The way in: MXNet calls this once, when it loads the library. Versions are numbered 10901 for 1.9.1.
#include "operators.h"

mxnet::ext::MXReturnValue initialize(int version) {
  return version / 100 == 109 ? mxnet::ext::MX_SUCCESS : mxnet::ext::MX_FAIL;
}
