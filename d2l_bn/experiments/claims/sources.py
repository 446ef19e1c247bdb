r"""Whose sentences they are: what a reader is told of the five documents."""

__all__ = ["CHAPTER", "COURSE", "INTERVIEW", "LAYERS", "LECTURE", "SOURCES", "TECHNIQUES"]

CHAPTER = "the chapter"
INTERVIEW = "interview questions"
LAYERS = "a survey of normalization layers"
TECHNIQUES = "training techniques"
LECTURE = "Lee's lecture"
COURSE = "this course"  # what its own lessons say
SOURCES = (CHAPTER, INTERVIEW, LAYERS, TECHNIQUES, LECTURE, COURSE)
