# A syntax error in the program itself: what stands before has been run.
print("before")
def ok():
    return 1
x = ok() +
print("never")
