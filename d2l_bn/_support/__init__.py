r"""What every room may use and none is about: files, arguments, the environment, the terminal."""
