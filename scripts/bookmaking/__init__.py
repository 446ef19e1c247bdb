"""How the book is made: ``scripts/build_book.py`` calls these modules in order."""
