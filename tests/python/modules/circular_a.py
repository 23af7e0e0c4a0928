import modules.circular_b
x = 1
