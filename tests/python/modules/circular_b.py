import modules.circular_a
y = 2
