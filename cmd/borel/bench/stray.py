# Bytecode that reads a local variable far beyond the frame: an access outside of the guest's memory.
import opcode
def f(): pass
x, load = opcode.opmap['EXTENDED_ARG'], opcode.opmap['LOAD_FAST']
code = bytes([opcode.opmap['RESUME'], 0, x, 0x10, x, 0, x, 0, load, 0, opcode.opmap['RETURN_VALUE'], 0])
f.__code__ = f.__code__.replace(co_code=code)
f()
