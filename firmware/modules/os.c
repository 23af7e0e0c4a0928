/* SPDX-License-Identifier: MIT
 * os.c: the module os.
 */
#include "heap.h"
#include "module.h"
#include "ports/fsys.h"

#ifndef ADDER_VERSION
#define ADDER_VERSION "0"
#endif
#ifndef ADDER_BOARD
#define ADDER_BOARD "host"
#endif
#ifndef ADDER_BOARD_ID
#define ADDER_BOARD_ID "host"
#endif

enum { S_DIR = 0x4000, S_FILE = 0x8000 };

static const char *path_arg(unsigned n, unsigned at, const val_t *args)
{
    return n > at ? str_arg(args[at], NULL) : ".";
}

static val_t done(int result)
{
    if (result < 0)
        raise_os(-result);
    return V_NONE;
}

/* ---- listing ---- */

typedef struct lister {
    const type_t *type;
    fsys_dir_t dir;
    bool open;
} lister_t;

static void lister_finalise(val_t self)
{
    lister_t *l = (lister_t *)obj_of(self);
    if (l->open)
        fsys_list_close(&l->dir);
    l->open = false;
}

/* The next name, or a tuple of name, kind, inode (there is none: 0) and size. */
static val_t next_entry(lister_t *l, bool tuple)
{
    fsys_entry_t entry;
    if (!l->open)
        return V_UNDEF;
    int result = fsys_next(&l->dir, &entry);
    if (result != 1)
        l->open = false;
    done(result);
    if (result == 0)
        return V_UNDEF;
    val_t name = str_from(entry.name);
    if (!tuple)
        return name;
    val_t fields[4] = {name, V_INT(entry.stat.is_dir ? S_DIR : S_FILE), V_INT(0), int_from(entry.stat.size)};
    return tuple_new(4, fields);
}

static val_t lister_next(val_t self) { return next_entry((lister_t *)obj_of(self), true); }
static val_t lister_iter(val_t self) { return self; }

static const type_t type_lister = {TYPE_HEAD, .name = Q(ilistdir), .flags = T_HAS_DEL, .iter = lister_iter,
                                   .next = lister_next, .finalise = lister_finalise};

static lister_t *lister_new(const char *path)
{
    lister_t *l = heap_alloc_final(&type_lister, sizeof *l);
    memset((char *)l + sizeof l->type, 0, sizeof *l - sizeof l->type);
    done(fsys_list(&l->dir, path));
    l->open = true;
    return l;
}

static val_t os_ilistdir(unsigned n, const val_t *args) { return V_OBJ(lister_new(path_arg(n, 0, args))); }

static val_t os_listdir(unsigned n, const val_t *args)
{
    lister_t *l = lister_new(path_arg(n, 0, args));
    val_t all = list_new(0, NULL), name;
    while ((name = next_entry(l, false)) != V_UNDEF)
        list_append(list_of(all), name);
    return all;
}

/* ---- files and directories ---- */

static val_t os_mkdir(val_t path) { return done(fsys_mkdir(str_arg(path, NULL))); }
static val_t os_rmdir(val_t path) { return done(fsys_rmdir(str_arg(path, NULL))); }
static val_t os_remove(val_t path) { return done(fsys_remove(str_arg(path, NULL))); }
static val_t os_rename(val_t from, val_t to) { return done(fsys_rename(str_arg(from, NULL), str_arg(to, NULL))); }
static val_t os_chdir(val_t path) { return done(fsys_chdir(str_arg(path, NULL))); }

static val_t os_getcwd(void)
{
    char path[FSYS_PATH_MAX];
    done(fsys_getcwd(path, sizeof path));
    return str_from(path);
}

static val_t os_stat(val_t path)
{
    fsys_stat_t stat;
    done(fsys_stat(str_arg(path, NULL), &stat));
    val_t time = int_from(stat.modified), zero = V_INT(0);
    val_t fields[10] = {V_INT(stat.is_dir ? S_DIR : S_FILE), zero, zero, zero, zero, zero, int_from(stat.size), time, time,
                        time};
    return tuple_new(10, fields);
}

static val_t os_statvfs(val_t path)
{
    fsys_space_t space;
    done(fsys_space(str_arg(path, NULL), &space));
    val_t block = int_from(space.block_size), free = int_from(space.free), zero = V_INT(0);
    val_t fields[10] = {block, block, int_from(space.blocks), free, free, zero, zero, zero, zero, V_INT(255)};
    return tuple_new(10, fields);
}

static val_t os_sync(void) { return done(fsys_sync()); }

/* ---- the system ---- */

/* What uname() gives: a tuple whose items have names as well. */
typedef struct uname {
    const type_t *type;
    val_t fields; /* tuple */
} uname_t;
static const str_t *const uname_names[] = {Q(sysname), Q(nodename), Q(release), Q(version), Q(machine)};

static val_t uname_fields(val_t self) { return ((uname_t *)obj_of(self))->fields; }

static val_t uname_attr(val_t self, str_t *name, val_t value)
{
    for (unsigned i = 0; !value && i < COUNT_OF(uname_names); i++)
        if (uname_names[i] == name)
            return tuple_of(uname_fields(self))->v[i];
    return V_UNDEF;
}

static val_t uname_index(val_t self, val_t key, val_t value)
{
    if (value)
        raise_type("the fields cannot be changed");
    return op_get_item(uname_fields(self), key);
}

static val_t uname_iter(val_t self) { return op_iter(uname_fields(self)); }
static val_t uname_unary(unary_t op, val_t self) { return op == UN_LEN ? V_INT(COUNT_OF(uname_names)) : V_UNDEF; }

static void uname_print(out_t *out, val_t self, print_t how)
{
    for (unsigned i = 0; i < COUNT_OF(uname_names); i++)
        out_printf(out, "%s%q=%v", i ? ", " : "(", uname_names[i], tuple_of(uname_fields(self))->v[i]);
    out_text(out, ")");
}

static const type_t type_uname = {TYPE_HEAD, .name = Q(uname), .trace = TRACE_WORDS, .trace_from = 1, .trace_to = 2,
                                  .attr = uname_attr, .index = uname_index, .iter = uname_iter, .unary = uname_unary,
                                  .print = uname_print};

static val_t os_uname(void)
{
    uname_t *u = HEAP_NEW(&type_uname, uname_t);
    u->fields = V_OBJ(&tuple_empty);
    val_t fields[5] = {str_from(ADDER_BOARD_ID), str_from(ADDER_BOARD_ID), str_from(ADDER_VERSION),
                       str_from("v" ADDER_VERSION), str_from(ADDER_BOARD)};
    u->fields = tuple_new(5, fields);
    return V_OBJ(u);
}

static val_t os_urandom(val_t count)
{
    intptr_t n = int_arg(count);
    if (n < 0)
        raise_value("negative count");
    str_t *s = str_alloc(&type_bytes, (size_t)n);
    for (intptr_t i = 0; i < n; i++)
        s->data[i] = (char)(hal_random() >> 8);
    return str_finish(s);
}

QNAME(path_sep, "/")

static const dict_entry_t os_table[] = {
    FUNC_V(ilistdir, os_ilistdir, 0, 1),
    FUNC_V(listdir, os_listdir, 0, 1),
    FUNC_1(mkdir, os_mkdir),
    FUNC_1(rmdir, os_rmdir),
    FUNC_1(remove, os_remove),
    FUNC_1(unlink, os_remove),
    FUNC_2(rename, os_rename),
    FUNC_1(chdir, os_chdir),
    FUNC_0(getcwd, os_getcwd),
    FUNC_1(stat, os_stat),
    FUNC_1(statvfs, os_statvfs),
    FUNC_0(sync, os_sync),
    FUNC_0(uname, os_uname),
    FUNC_1(urandom, os_urandom),
    {VQ(sep), VQ(path_sep)},
};
MODULE(os, os_table);
