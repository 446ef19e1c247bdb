"""Behind `d2l_bn.fashion_mnist`: the files, where to get them, batches, drawn garments."""
