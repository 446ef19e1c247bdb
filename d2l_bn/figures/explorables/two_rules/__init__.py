r"""Which rule arrives first depends on how the valley lies, if one of them scales coordinates."""
