# A folder without __init__.py yields to simple_mod.py beside it.
