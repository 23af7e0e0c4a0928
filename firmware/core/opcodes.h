/* SPDX-License-Identifier: MIT
 * opcodes.h: the instructions. Words of 32 bits: op | a << 8 | b << 16 | c << 24, or a 16-bit (i) or
 * 24-bit (j) immediate above op. a, b, c are registers of the window unless said otherwise. Those
 * marked 2 have a second word x: a jump distance or the number k of a name in the constants.
 * Jumps are relative to the next instruction. See vm.c for the frame layout.
 */
#ifndef ADDER_OPCODES_H
#define ADDER_OPCODES_H

/* OP(name, words) */
#define OPCODES(OP)                                                                                \
    OP(NOP, 1)                                                                                     \
    OP(CLEAR, 1)      /* a .. b-1 = unbound */                                                     \
    OP(MOVE, 1)       /* a = b */                                                                  \
    OP(LOADI, 1)      /* a = i: a small int or an immediate, as the word itself */                 \
    OP(LOADK, 1)      /* a = constant i */                                                         \
    OP(CHECK, 1)      /* raise if a is unbound; constant i is its name */                          \
    OP(GETGLOBAL, 2)  /* a = name; b: hint; rewrites itself to GETBUILTIN */                       \
    OP(GETBUILTIN, 2) /* a = builtin b, if x >> 16 names are global and the epoch is c */          \
    OP(SETGLOBAL, 2)  /* name = a; b: hint */                                                      \
    OP(DELGLOBAL, 2)                                                                               \
    OP(GETNAME, 2)    /* in a class body, whose dict is in register 0 */                           \
    OP(SETNAME, 2)                                                                                 \
    OP(DELNAME, 2)                                                                                 \
    OP(MKCELL, 1)     /* a = cell holding a */                                                     \
    OP(NEWCELL, 1)    /* a = empty cell */                                                         \
    OP(GETCELL, 2)    /* a = content of cell b; name x for the error */                            \
    OP(SETCELL, 1)    /* cell a = b */                                                             \
    OP(GETFREE, 2)    /* a = content of the function's cell b */                                   \
    OP(SETFREE, 1)    /* the function's cell a = b */                                              \
    OP(GETATTR, 2)    /* a = b.name; c: hint */                                                    \
    OP(SETATTR, 2)    /* a.name = b; c: hint */                                                    \
    OP(DELATTR, 2)    /* del a.name */                                                             \
    OP(METHOD, 2)     /* a, a+3 = function of b.name and self (unbound if none) */                 \
    OP(GETITEM, 1)    /* a = b[c] */                                                               \
    OP(SETITEM, 1)    /* a[b] = c */                                                               \
    OP(DELITEM, 1)    /* del a[b] */                                                               \
    /* ORDER OP: a = b op c */                                                                     \
    OP(ADD, 1) OP(SUB, 1) OP(MUL, 1) OP(TRUEDIV, 1) OP(FLOORDIV, 1) OP(MOD, 1) OP(POW, 1)          \
    OP(MATMUL, 1) OP(AND, 1) OP(OR, 1) OP(XOR, 1) OP(LSHIFT, 1) OP(RSHIFT, 1)                      \
    OP(LT, 1) OP(LE, 1) OP(GT, 1) OP(GE, 1) OP(EQ, 1) OP(NE, 1)                                    \
    OP(IN, 1) OP(NOTIN, 1) OP(IS, 1) OP(ISNOT, 1)                                                  \
    /* ORDER OP: in place */                                                                       \
    OP(IADD, 1) OP(ISUB, 1) OP(IMUL, 1) OP(ITRUEDIV, 1) OP(IFLOORDIV, 1) OP(IMOD, 1) OP(IPOW, 1)   \
    OP(IMATMUL, 1) OP(IAND, 1) OP(IOR, 1) OP(IXOR, 1) OP(ILSHIFT, 1) OP(IRSHIFT, 1)                \
    OP(ADDI, 1) OP(SUBI, 1)   /* a = b op number c, 0..127 */                                      \
    OP(IADDI, 1) OP(ISUBI, 1)                                                                      \
    OP(UNARY, 1)      /* a = op c of b */                                                          \
    OP(NOT, 1)                                                                                     \
    OP(JUMP, 1)       /* by j */                                                                   \
    OP(JTRUE, 1) OP(JFALSE, 1)  /* by i if a is true, false */                                     \
    OP(JNONE, 1) OP(JNOTNONE, 1)                                                                   \
    /* ORDER OP: by x if (a op b) == c */                                                          \
    OP(JLT, 2) OP(JLE, 2) OP(JGT, 2) OP(JGE, 2) OP(JEQ, 2) OP(JNE, 2)                              \
    OP(JIN, 2) OP(JNOTIN, 2) OP(JIS, 2) OP(JISNOT, 2)                                              \
    /* the same with number b, -128..127 */                                                        \
    OP(JLTI, 2) OP(JLEI, 2) OP(JGTI, 2) OP(JGEI, 2) OP(JEQI, 2) OP(JNEI, 2)                        \
    OP(GETITER, 1)    /* a = iterator of b */                                                      \
    OP(FORRANGE, 1)   /* a = iterator of a(a+3 .. a+2+b); without an object if a is range */       \
    OP(FORITER, 2)    /* b = next of a, and jump by x; go on if there is none */                   \
    OP(YIELD, 1)      /* yield b; a = what is sent */                                              \
    OP(YIELDFROM, 1)  /* yield all of iterator b; a = its return value */                          \
    OP(AWAITABLE, 1)  /* a = iterator of awaitable b */                                            \
    OP(CALL, 1)       /* c = a(a+3 .. a+2+b) */                                                    \
    OP(CALLM, 1)      /* the same after METHOD; b does not count self */                           \
    OP(CALLK, 2)      /* with x & 255 keywords: pairs behind the arguments; x & 256: after METHOD */ \
    OP(CALLX, 1)      /* c = a(*list a+3, **dict a+4) */                                           \
    OP(RETURN, 1) OP(RETNONE, 1)                                                                   \
    OP(LIST, 1) OP(TUPLE, 1) OP(SET, 1) /* a = display of c values from b on */                    \
    OP(DICT, 1)       /* c pairs */                                                                \
    OP(LISTADD, 1) OP(LISTEXT, 1) OP(SETADD, 1) OP(SETEXT, 1) /* into a: b */                      \
    OP(DICTSET, 1)    /* a[b] = c */                                                               \
    OP(DICTEXT, 1)    /* a |= b; c: keywords of a call, doubles are errors */                      \
    OP(TOTUPLE, 1)    /* a = tuple of list b */                                                    \
    OP(SLICE, 1)      /* a = slice(b, b+1, b+2) */                                                 \
    OP(FORMAT, 1)     /* a = text of b; c: 's', 'r', 'a' or 0; with spec b+1 if c & 128 */         \
    OP(CONCAT, 1)     /* a = c strings from b on, joined */                                        \
    OP(UNPACK, 1)     /* b .. b+c-1 = items of a */                                                \
    OP(UNPACKX, 2)    /* b.. = items of a; c before and x after a list of the rest */              \
    OP(FUNC, 2)       /* a = function of code k; defaults in b, b+1 unless b is 255 */             \
    OP(CLASS, 2)      /* c = class name(bases a+3 ..), b of them; a: function of the body */       \
    OP(IMPORT, 2)     /* a = module; b: level; c: the last part, not the first */                  \
    OP(IMPORTFROM, 2) /* a = name of module b */                                                   \
    OP(IMPORTALL, 1)                                                                               \
    OP(RAISE, 1)      /* a, from b unless b is 255 */                                              \
    OP(RERAISE, 1)                                                                                 \
    OP(EXCMATCH, 1)   /* a = does exception b match c? */                                          \
    OP(ENDFINALLY, 1) /* raise a+1 if a is 1 */                                                    \
    OP(WITHENTER, 1)  /* a = __exit__ method of b, b = its __enter__(); c: async, a = coroutine */ \
    OP(WITHEXIT, 1)   /* a(exception a+2 if a+1 is 1); a+1 = 0 if it is true; c: as WITHENTER */   \
    OP(WITHSWALLOW, 1)/* the second half for async: result b */                                    \
    OP(ANEXT, 1)      /* a = coroutine of iterator b's __anext__; c: __aiter__ instead */          \
    OP(PRINT, 1)      /* at the prompt: show a unless it is None */

typedef enum {
#define OP(name, words) I_##name,
    OPCODES(OP)
#undef OP
    I_COUNT
} opcode_t;

/* Entry of the exception table in code_t.tables: instructions start..end-1 are guarded; the
 * exception goes to reg. Inner entries stand first. */
typedef struct handler {
    uint16_t start, end, target, reg;
} handler_t;

/* code_t.tables: handlers, then two bytes per captured cell (1: from a cell of the enclosing
 * function's own, in the register; 0: one of its captured cells; then the number), then lines: pairs
 * (instructions, lines to go forward, signed). */

#endif
